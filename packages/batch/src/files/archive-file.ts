import type { FoundFile } from '@vigil/sources';
import type { FileRecord } from './file-record.ts';
import type { FileWork } from './file-work.ts';
import { companionOf } from './judge-readiness.ts';
import { isChanged } from './source-changes.ts';

/** A file that was dealt with goes out of the way; where it cannot, the next run tries again. */
export async function archiveFile(
  { source, ledger, feed }: Pick<FileWork, 'source' | 'ledger' | 'feed'>,
  { found, record }: { found: FoundFile; record: FileRecord },
  companions: ReadonlyMap<string, FoundFile>,
): Promise<void> {
  try {
    await source.archive(found);
    const companion = companions.get(companionOf(feed.readiness, found.path) ?? '');
    if (companion) await source.archive(companion);
  } catch (error) {
    if (isChanged(error)) return;
    throw error;
  }
  if (record.state === 'LOADED') await ledger.advance(record, { event: 'archived' });
}
