import { classifyError, VigilError } from '@vigil/core';
import { inTransaction, toDatabaseError, type Transaction } from '@vigil/postgres';
import type { FoundFile } from '@vigil/sources';
import type { Pool } from 'pg';
import { createGather } from '../gather/create-gather.ts';
import { moveFiles, moveOf, type FileChange, type FileClaim, type FileMove } from './advance-files.ts';
import { claimFiles, confirmClaims, type FileHolder } from './claim-files.ts';
import { forgettableFiles, loadedFiles, noteForgotten, type LoadedContent } from './forgettable-files.ts';
import type { FileRecord } from './file-record.ts';
import { observeFiles, settleFiles, type ObservedFile } from './observe-files.ts';
import { stageContents, type StagedFileClaim } from './stage-contents.ts';
import { noteTrails, type FileTrail } from './trail-of-files.ts';

/** Every file that was ever seen, and what became of it. What many ask for at the same moment is one statement. */
export interface FileLedger {
  /** @param pollMs  listings that follow each other sooner count as one look */
  observe(source: string, found: readonly FoundFile[], pollMs?: number): Promise<ObservedFile[]>;
  /** Files that are whole. */
  settle(fileIds: readonly string[]): Promise<void>;
  /** @param sharedProducer  as `claimFiles` takes it */
  claim(fileIds: readonly string[], holder: FileHolder, sharedProducer?: string | null): Promise<FileRecord[]>;
  /**
   * @returns the file as it is now; after `staged` it may be a DUPLICATE of one that is loaded, or STABLE again where the
   *   other file with its content is under way
   * @throws VigilError FENCED where another attempt claimed it since
   */
  advance(claim: FileClaim, change: FileChange): Promise<FileRecord>;
  /**
   * Asks whether the claim still counts.
   *
   * @throws VigilError FENCED
   */
  confirm(claim: FileClaim): Promise<void>;
  /** Files of a source that were archived so long ago, and whose checkpoints were not forgotten yet. */
  forgettable(source: string, olderThanMs: number): Promise<readonly LoadedContent[]>;
  forgot(fileIds: readonly string[]): Promise<void>;
  /** Those of the files that are loaded: no attempt takes them any more. */
  loadedOf(fileIds: readonly string[]): Promise<readonly string[]>;
  /** Notes which lines stand where; told twice it is noted once. */
  trail(trail: FileTrail): Promise<void>;
}

const rowsAtOnce = 1_000;
const filesTogether = 200;

/** One statement is a transaction of its own: begin and commit would be two more ways to the server. */
async function alone<Result>(pool: Pool, work: (pool: Pick<Transaction, 'query'>) => Promise<Result>): Promise<Result> {
  try {
    return await work(pool);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** Where the database did not answer nobody knows whether it was done: then nothing is tried again. */
const isOfOne = (error: unknown): boolean => !['DATABASE_AWAY', 'TIMED_OUT'].includes(classifyError(error).code);

export function createFileLedger(pool: Pool): FileLedger {
  const together = { most: filesTogether, isOfOne };
  const move = createGather<FileMove, FileRecord | null>({
    ...together,
    work: (moves) => alone(pool, (database) => moveFiles(database, moves)),
  });
  const stage = createGather<StagedFileClaim, FileRecord | null>({
    ...together,
    work: (files) => inTransaction(pool, (transaction) => stageContents(transaction, files)),
  });
  const confirm = createGather<FileClaim, boolean>({
    ...together,
    work: (claims) => alone(pool, (database) => confirmClaims(database, claims)),
  });
  const trail = createGather<FileTrail, void>({
    ...together,
    work: async (trails) => {
      await alone(pool, (database) => noteTrails(database, trails));
      return [];
    },
  });
  const fenced = ({ fileId }: FileClaim): VigilError => new VigilError('FENCED', { detail: `File ${fileId}.` });
  return {
    async observe(source, found, pollMs = 0) {
      const observed: ObservedFile[] = [];
      for (let at = 0; at < found.length; at += rowsAtOnce) {
        const some = found.slice(at, at + rowsAtOnce);
        observed.push(...(await inTransaction(pool, (transaction) => observeFiles(transaction, { source, pollMs }, some))));
      }
      return observed;
    },
    settle: (fileIds) => alone(pool, (database) => settleFiles(database, fileIds)),
    claim: (fileIds, holder, sharedProducer = null) =>
      alone(pool, (database) => claimFiles(database, fileIds, { ...holder, sharedProducer })),
    async advance(claim, change) {
      const file = await (change.event === 'staged' ? stage({ claim, content: change }) : move(moveOf(claim, change)));
      if (!file) throw fenced(claim);
      return file;
    },
    async confirm(claim) {
      if (!(await confirm(claim))) throw fenced(claim);
    },
    forgettable: (source, olderThanMs) => alone(pool, (database) => forgettableFiles(database, source, olderThanMs)),
    forgot: (fileIds) => alone(pool, (database) => noteForgotten(database, fileIds)),
    loadedOf: (fileIds) => alone(pool, (database) => loadedFiles(database, fileIds)),
    trail,
  };
}
