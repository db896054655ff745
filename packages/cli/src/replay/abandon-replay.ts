import { VigilError } from '@vigil/core';
import { adoptedTasks } from '@vigil/kafka';
import type { ReplayJob } from '@vigil/postgres';
import { liftPace } from './pace-sink.ts';
import { removeRun } from './remove-run.ts';
import { replayableStage } from './replayable-stages.ts';
import type { ReplayTools } from './with-replay.ts';

export interface Abandoned {
  readonly jobId: string;
  readonly topics: readonly string[];
  readonly group: string | null;
}

/**
 * Ends a replay. Of a run beside the live stage everything is removed: its topics, state and quarantine among them, and
 * its group. A partition of a sink that is already rewound is loaded again by the loader whatever becomes of the job.
 * A kill midway is mended by abandoning again.
 */
export async function abandonReplay(
  { client, maintenance, quotas, jobs }: Omit<ReplayTools, 'poolOf'>,
  job: ReplayJob,
): Promise<Abandoned> {
  const { jobId, kind, state, name } = job;
  if (kind === 'sink') {
    if (state === 'done') throw new VigilError('BAD_USAGE', { detail: 'The replay is done: there is nothing to abandon.' });
    await liftPace(quotas, name);
    await jobs.setState(jobId, 'abandoned');
    return { jobId, topics: [], group: null };
  }
  const { source } = replayableStage(name);
  if (state === 'cut-over' || (await adoptedTasks(client.admin, name, jobId, source.name)).size > 0) {
    throw new VigilError('BAD_USAGE', { detail: 'Its state is the live one by now: go on with vigil replay cutover ID.' });
  }
  const removed = await removeRun({ maintenance }, job);
  await jobs.setState(jobId, 'abandoned');
  return { jobId, ...removed };
}
