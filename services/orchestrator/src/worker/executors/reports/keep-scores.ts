import { recordScores, type KeepScores, type Score } from '@vigil/batch';
import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { createScorePublisher } from './publish-scores.ts';

type Keeping = Pick<ExecutorDeps, 'client' | 'registry' | 'database' | 'clock' | 'onClose'>;

/** Keeps how good a file was: its scores with their drift, and the score of the whole beside the file. */
export function createScoreKeeper(deps: Keeping): KeepScores {
  const publish = createScorePublisher(deps);
  const { database: pool, clock } = deps;
  return async ({ source, fileId, runId, limits }, scores) => {
    const of = { subject: `file:${fileId}`, source, period: '', runId, limits };
    const judged = await recordScores({ pool, publish, nowMs: clock.now() }, of, scores);
    await pool
      .query('UPDATE orchestration.file SET score = $2 WHERE file_id = $1', [fileId, scores[0]?.score ?? null])
      .catch((error: unknown) => {
        throw toDatabaseError(error);
      });
    return judged;
  };
}

/** Keeps how good the rows were that one run took from a table; a run that found nothing new says nothing of it. */
export function createTableScoreKeeper(deps: Keeping) {
  const publish = createScorePublisher(deps);
  const { database: pool, clock } = deps;
  return async ({ table, runId }: { readonly table: string; readonly runId: string }, scores: readonly Score[]): Promise<void> => {
    if ((scores[0]?.records ?? 0) === 0) return;
    await recordScores({ pool, publish, nowMs: clock.now() }, { subject: `table:${table}`, source: table, period: runId, runId }, scores);
  };
}
