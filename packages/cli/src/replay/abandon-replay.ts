import { VigilError } from '@vigil/core';
import { runNameOf, runTopicsOf } from '@vigil/kafka';
import type { ReplayJob } from '@vigil/postgres';
import type { ReplayTools } from './with-replay.ts';

export interface Abandoned {
  readonly jobId: string;
  readonly topics: readonly string[];
  readonly group: string | null;
}

/**
 * Ends a replay. Of a run beside the live stage everything is removed: its topics, state and quarantine among them, and
 * its group. A partition of a sink that is already rewound is loaded again by the loader whatever becomes of the job.
 * Removing is repeated until nothing is left, so a kill midway is mended by abandoning again.
 */
export async function abandonReplay({ maintenance, jobs }: Pick<ReplayTools, 'maintenance' | 'jobs'>, job: ReplayJob): Promise<Abandoned> {
  const { jobId, kind, name } = job;
  if (kind === 'sink') {
    if (job.state === 'done') throw new VigilError('BAD_USAGE', { detail: 'The replay is done: there is nothing to abandon.' });
    await jobs.setState(jobId, 'abandoned');
    return { jobId, topics: [], group: null };
  }
  const group = runNameOf(name, jobId);
  const names = runTopicsOf(name, jobId, 1, 1).map((topic) => topic.name);
  const existed = await maintenance.deleteGroup(group);
  const topics = await maintenance.deleteTopics(names);
  await jobs.setState(jobId, 'abandoned');
  return { jobId, topics, group: existed ? group : null };
}
