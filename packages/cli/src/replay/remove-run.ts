import { cutoverGroupOf, runNameOf, runTopicsOf } from '@vigil/kafka';
import type { ReplayJob } from '@vigil/postgres';
import type { ReplayTools } from './with-replay.ts';

/** Removes what a run has at the broker; repeated until nothing is left. Returns what there was. */
export async function removeRun(
  { maintenance }: Pick<ReplayTools, 'maintenance'>,
  { name, jobId }: Pick<ReplayJob, 'name' | 'jobId'>,
): Promise<{ readonly topics: readonly string[]; readonly group: string | null }> {
  const group = runNameOf(name, jobId);
  const names = runTopicsOf(name, jobId, 1, 1).map((topic) => topic.name);
  const existed = await maintenance.deleteGroup(group);
  await maintenance.deleteGroup(cutoverGroupOf(name, jobId));
  const topics = await maintenance.deleteTopics(names);
  return { topics, group: existed ? group : null };
}
