import type { JobResult } from './batch-job.ts';
import type { Publish } from './publish-together.ts';
import { orStopped } from './stop-signal.ts';
import type { TopicJobOptions, TopicJobPorts } from './topic-job.ts';
import { noCounts, openWork, runFrom } from './topic-pass.ts';

/**
 * Runs a job that nobody ran before beside others, in transactions that they share. Fenced as a whole: whoever takes one of
 * them over ends the producer of all, and what did not get through goes on alone, by `runTopicJob`.
 *
 * @param publish  of a producer that has fenced its predecessor; whoever claims the job later has to fence it
 * @returns null where the job was run before: it is for `runTopicJob`
 * @throws as `runTopicJob` does, and what `publish` throws
 */
export async function runTopicJobBeside<Item>(
  options: TopicJobOptions<Item>,
  ports: TopicJobPorts,
  publish: Publish,
): Promise<JobResult | null> {
  const { partition, signal } = options;
  const found = await orStopped(signal, ports.checkpoints.find(partition.job, partition.partition));
  if (found) return null;
  const work = await openWork(options, ports, { publish, found });
  return { ...(await runFrom({ position: '', counts: noCounts }, options, work)), wasDone: false };
}
