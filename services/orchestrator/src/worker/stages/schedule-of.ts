import { inspectDefinition, workflowSchema } from '@vigil/definitions';
import { VigilError } from '@vigil/core';
import { toDatabaseError, type createPool } from '@vigil/postgres';

/** How often a continuous workflow tells its health; null = the workflow is not continuous. */
export type ContinuousEveryMs = (workflow: string, version: number) => Promise<number | null>;

/** From `orchestration.definition`, each version once: it never changes. @throws VigilError BAD_DEFINITION where the version is not known */
export function readContinuous(database: Pick<ReturnType<typeof createPool>, 'query'>): ContinuousEveryMs {
  const known = new Map<string, number | null>();
  return async (workflow, version) => {
    const name = `${workflow}/${version}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const { rows } = await database
      .query<{ text: string }>('SELECT text FROM orchestration.definition WHERE workflow = $1 AND version = $2', [workflow, version])
      .catch((error: unknown) => {
        throw toDatabaseError(error);
      });
    const parsed = rows[0] && inspectDefinition(rows[0].text, workflowSchema);
    if (!parsed?.ok) throw new VigilError('BAD_DEFINITION', { detail: `Version ${version} of ${workflow} is not known.` });
    const { schedule } = parsed.value;
    const everyMs = schedule?.type === 'continuous' ? schedule.interval : null;
    known.set(name, everyMs);
    return everyMs;
  };
}
