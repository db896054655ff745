import type { Transaction } from '@vigil/postgres';
import { moveFiles, type FileClaim, type FileMove, type StagedContent } from './advance-files.ts';
import type { FileRecord } from './file-record.ts';

export interface StagedFileClaim {
  readonly claim: FileClaim;
  readonly content: Pick<StagedContent, 'sha256' | 'bytes'>;
}

const lockSql = `
  SELECT pg_advisory_xact_lock(content) FROM (
    SELECT DISTINCT hashtextextended('file-content:' || sha256, 0) AS content FROM unnest($1::text[]) AS n(sha256) ORDER BY content) AS contents`;

// A person who has a duplicate loaded all the same leaves duplicate_of as it is: then it is none any more.
const twinSql = `
  SELECT DISTINCT ON (mine.file_id) mine.file_id, other.file_id AS twin, other.state IN ('LOADED', 'ARCHIVED') AS is_loaded
  FROM unnest($1::uuid[], $2::text[]) AS n(file_id, sha256)
  JOIN orchestration.file AS mine ON mine.file_id = n.file_id
  JOIN orchestration.file AS other ON other.source = mine.source AND other.sha256 = n.sha256 AND other.file_id <> mine.file_id
    AND other.file_id IS DISTINCT FROM mine.duplicate_of AND other.state IN ('STAGED', 'VERIFIED', 'LOADED', 'ARCHIVED')
  ORDER BY mine.file_id, is_loaded DESC, other.found_at`;

interface Twin {
  readonly file_id: string;
  readonly twin: string;
  readonly is_loaded: boolean;
}

/** Files whose contents differ, so that none of them decides about another. */
async function stageDifferent(
  database: Pick<Transaction, 'query'>,
  files: readonly StagedFileClaim[],
): Promise<readonly (FileRecord | null)[]> {
  const { rows } = await database.query<Twin>(twinSql, [
    files.map(({ claim }) => claim.fileId),
    files.map(({ content }) => content.sha256),
  ]);
  const twins = new Map(rows.map((row) => [row.file_id, row]));
  const moveOfStaged = ({ claim, content }: StagedFileClaim): FileMove => {
    const twin = twins.get(claim.fileId);
    if (!twin) return { claim, content, event: 'staged', to: 'STAGED' };
    return twin.is_loaded
      ? { claim, content, event: 'repeated', to: 'DUPLICATE', duplicateOf: twin.twin }
      : { claim, content, event: 'postponed', to: 'STABLE' };
  };
  return moveFiles(database, files.map(moveOfStaged));
}

/**
 * Takes contents into the ledger, in one transaction; of a content one after the other, so that of two files with it one is
 * first. Only what is loaded makes the other a duplicate, which leaves its source: one under way may yet end in quarantine,
 * and then nothing of the content would be loaded.
 *
 * @returns each file as it is now: STAGED, DUPLICATE, or STABLE again where the other one is under way; null as `moveFiles`
 */
export async function stageContents(transaction: Transaction, files: readonly StagedFileClaim[]): Promise<readonly (FileRecord | null)[]> {
  await transaction.query(lockSql, [files.map(({ content }) => content.sha256)]);
  const staged = new Map<StagedFileClaim, FileRecord | null>();
  let left = files;
  while (left.length > 0) {
    const first = [...new Map(left.toReversed().map((file) => [file.content.sha256, file])).values()];
    const records = await stageDifferent(transaction, first);
    for (const [at, file] of first.entries()) staged.set(file, records[at] ?? null);
    left = left.filter((file) => !staged.has(file));
  }
  return files.map((file) => staged.get(file) ?? null);
}
