import { VigilError } from '@vigil/core';
import type { FoundFile } from '@vigil/sources';
import { parseManifest, type Manifest } from '../content/verify-file.ts';
import type { FileWork } from './file-work.ts';
import { companionOf } from './judge-readiness.ts';

const mostManifestBytes = 64 * 1024;

/**
 * What the file beside it announces; nothing where the source has no manifests.
 *
 * @throws VigilError BAD_MANIFEST; of the source
 */
export async function readManifest(
  { source, feed }: Pick<FileWork, 'source' | 'feed'>,
  path: string,
  companions: ReadonlyMap<string, FoundFile>,
): Promise<Manifest> {
  const name = feed.readiness.kind === 'manifest' ? companionOf(feed.readiness, path) : null;
  const file = name === null ? undefined : companions.get(name);
  if (!file) return {};
  if (file.bytes > mostManifestBytes) throw new VigilError('BAD_MANIFEST', { detail: 'It is larger than 64 KiB.' });
  const parts: Buffer[] = [];
  for await (const chunk of (await source.open(file)) as AsyncIterable<Buffer>) parts.push(chunk);
  return parseManifest(Buffer.concat(parts).toString('utf8'));
}
