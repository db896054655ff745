import { judgeRun } from '@vigil/batch';
import { toDatabaseError } from '@vigil/postgres';
import type { TaskResult } from '@vigil/workflows';
import type { ExecutorDeps } from '../../executor-deps.ts';
import type { Executor } from '../../executor.ts';
import { qualityLimitsOf } from './quality-limits.ts';

/** Scores that a result tells; the others stand in the database. */
const mostTold = 200;
const noLimits = { minimumScore: 0, columns: {}, mostDrift: null };

/**
 * `validation` with `quality`: holds the scores of what the run extracted against the limits of the definition. Below one
 * the task succeeds with `values.hold`, and waits for a person.
 */
export const createQualityJudge = (database: ExecutorDeps['database']): Executor => ({
  async run({ request, spec, log }): Promise<TaskResult> {
    const quality = spec.type === 'validation' ? spec.quality : undefined;
    const limits = qualityLimitsOf(quality) ?? noLimits;
    const { judged, hold, scores } = await judgeRun(database, request.runId, limits).catch((error: unknown) => {
      throw toDatabaseError(error);
    });
    log(hold ?? `${judged} subjects are above their limits.`);
    const told = scores.filter(({ column }) => column === '').slice(0, mostTold);
    return { counts: { judged, held: hold === null ? 0 : 1 }, values: { scores: told, ...(hold !== null && { hold }) }, ref: null };
  },
});
