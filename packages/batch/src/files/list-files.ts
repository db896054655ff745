import type { FileSource, FoundFile } from '@vigil/sources';
import { companionOf, judgeReadiness, type Looked, type ReadinessRule } from './judge-readiness.ts';

/** Files of a source that match, and which other files are there. */
export interface Listing {
  readonly files: readonly FoundFile[];
  readonly companions: ReadonlyMap<string, FoundFile>;
}

/** Lists the files and, where the rule wants one beside each, those. */
export async function listFiles(source: FileSource, pattern: string, rule: ReadinessRule): Promise<Listing> {
  const suffix = companionOf(rule, '');
  const companions = new Map<string, FoundFile>();
  if (suffix !== null) for await (const file of source.list(pattern + suffix)) companions.set(file.path, file);
  const files = new Map<string, FoundFile>();
  // Names that are not UTF-8 may look alike: one path is one row of the ledger.
  for await (const file of source.list(pattern)) if (!companions.has(file.path) && !files.has(file.path)) files.set(file.path, file);
  return { files: [...files.values()], companions };
}

/** Whether a file of a listing may be taken. */
export const isReady = (rule: ReadinessRule, { companions }: Listing, { path, polls }: Omit<Looked, 'isListed'>): boolean =>
  judgeReadiness(rule, { path, polls, isListed: (name) => companions.has(name) }).kind === 'ready';
