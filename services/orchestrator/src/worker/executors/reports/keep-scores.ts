import { recordScores, type Score } from '@vigil/batch';
import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { createScorePublisher } from './publish-scores.ts';

/** Keeps how good a file was: its scores with their drift, and the score of the whole beside the file. */
export function createScoreKeeper(deps: Pick<ExecutorDeps, 'client' | 'registry' | 'database' | 'clock' | 'onClose'>) {
  const publish = createScorePublisher(deps);
  const { database: pool, clock } = deps;
  return async (
    { source, fileId, runId }: { readonly source: string; readonly fileId: string; readonly runId: string },
    scores: readonly Score[],
  ): Promise<void> => {
    await recordScores({ pool, publish, nowMs: clock.now() }, { subject: `file:${fileId}`, source, period: '', runId }, scores);
    await pool
      .query('UPDATE orchestration.file SET score = $2 WHERE file_id = $1', [fileId, scores[0]?.score ?? null])
      .catch((error: unknown) => {
        throw toDatabaseError(error);
      });
  };
}
