import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExtractRequest } from '@vigil/batch';
import type { FileSource } from '@vigil/sources';

type TakeAcknowledgement = NonNullable<ExtractRequest['onAcknowledgement']>;

const plain = (text: string): string => text.replaceAll(/[^\w.-]/g, '_');

/**
 * Gives acknowledgements names after the file that asked for them, its interchange and their order in it: an attempt that
 * is repeated writes the same ones again.
 */
function createAcknowledgementFiles(write: (name: string, bytes: Buffer) => Promise<void>): TakeAcknowledgement {
  const counts = new Map<string, number>();
  return async ({ source, type, interchangeControl, bytes }) => {
    const stem = `${plain(source)}.${plain(interchangeControl)}.${type}`;
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    await write(`${stem}${count === 1 ? '' : `.${count}`}.ack`, bytes);
  };
}

/** Where acknowledgements go: a folder of this side, a folder of the source, both or neither. */
export interface AcknowledgementPlaces {
  readonly directory: string | undefined;
  readonly source: Pick<FileSource, 'put'>;
  readonly folder: string | undefined;
}

/** @throws VigilError SOURCE_DENIED, SOURCE_AWAY where the source does not take them: the file is then not loaded yet */
export function acknowledgementsTo({ directory, source, folder }: AcknowledgementPlaces): {
  readonly onAcknowledgement?: TakeAcknowledgement;
} {
  if (directory === undefined && folder === undefined) return {};
  return {
    onAcknowledgement: createAcknowledgementFiles(async (name, bytes) => {
      if (directory !== undefined) {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFile(join(directory, name), bytes, { mode: 0o600 });
      }
      if (folder !== undefined) await source.put(`${folder}/${name}`, bytes);
    }),
  };
}
