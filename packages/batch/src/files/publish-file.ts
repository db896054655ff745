import { topics, type Topic } from '@vigil/contracts';
import type { FileContent } from '../content/file-feed.ts';
import type { FileItem } from '../content/read-items.ts';
import type { JobResult } from '../job/batch-job.ts';
import type { Checkpoints } from '../job/checkpoints.ts';
import { endProducer, runTopicJob } from '../job/run-topic-job.ts';
import { runTopicJobBeside } from '../job/run-topic-job-beside.ts';
import { SharedProducerBroken } from '../job/shared-producer.ts';
import type { TopicJobOptions, TopicJobPorts } from '../job/topic-job.ts';
import type { FileRecord } from './file-record.ts';
import type { FileWork, ReadyToLoad } from './file-work.ts';

const written: Readonly<Record<Exclude<FileContent, 'rows'>, readonly Topic[]>> = {
  claims: [topics.claimReceived, topics.interchangeRejected],
  visits: [topics.visitRecorded, topics.identityObserved],
  trial_outcomes: [topics.outcomeRecorded, topics.identityObserved],
  readings: [topics.vitalsReadingReceived],
  patients: [topics.patientsRecordReceived],
};

/**
 * Whether the file was claimed by another attempt since is asked of the ledger, and only now: a job looks for its checkpoint
 * after it has fenced the producers of others, so whoever claims later fences this one. Of any attempt: the checkpoint of a
 * file that is archived is forgotten, and an attempt that slept until then must not begin anew.
 *
 * @param how  `recall`: of a file that was never claimed before and that nothing was published of yet. A checkpoint of it can
 *   only be from before the ledger was restored: what was read of the topic once tells it. That holds for the first look: a
 *   job that was fenced looks again, for what it has committed by then.
 */
function portsOf(record: FileRecord, { ledger, job }: FileWork, how: 'find' | 'recall'): TopicJobPorts {
  let look = how;
  const find: Checkpoints['find'] = async (name, partition) => {
    await ledger.confirm(record);
    const way = look;
    look = 'find';
    return job.checkpoints[way](name, partition);
  };
  return { ...job, checkpoints: { ...job.checkpoints, find } };
}

/** @returns null where the file has to go alone: what became of it in the transactions that it shared its checkpoint says */
async function publishBeside(record: FileRecord, options: TopicJobOptions<FileItem>, work: FileWork): Promise<JobResult | null> {
  const { sharedProducer, attempt } = record;
  const publish = sharedProducer === null || attempt > 1 ? null : await work.shared.publisherOf(sharedProducer);
  if (publish === null) return null;
  try {
    return await runTopicJobBeside(options, portsOf(record, work, 'recall'), publish);
  } catch (error) {
    if (error instanceof SharedProducerBroken) return null;
    throw error;
  }
}

function jobOf({ record, partition, judge, onCounts }: ReadyToLoad, work: FileWork): TopicJobOptions<FileItem> {
  const { source, feed, ledger, outputs: book, skipLimit, chunkLimits, traceparent, signal } = work;
  const { fileId } = record;
  let isFirst = true;
  return {
    partition,
    map: judge.map,
    writes: feed.content === 'rows' ? [] : written[feed.content],
    source: { name: source.name, fileId },
    ends: 'for-good',
    skipLimit,
    ...(chunkLimits && { limits: chunkLimits }),
    traceparent,
    signal,
    onCommitted: async ({ counts, trail, done, outputs }) => {
      onCounts(counts);
      // Of another attempt, or of all: what is between stands in the checkpoint, which the next attempt tells.
      const isNoted = done || isFirst;
      isFirst = false;
      await Promise.all([
        isNoted && book.note(`file:${fileId}`, 0, outputs),
        trail.length > 0 && ledger.trail({ source: source.name, fileId, trail }),
      ]);
    },
  };
}

/**
 * Publishes the records of a file, its checkpoint with them, each once: a small one that nobody claimed before in transactions
 * that it shares with others, any other in its own. Whoever claims a file after another attempt ends the producer that it was
 * shared under, whosoever died meanwhile, before it looks for the checkpoint.
 *
 * @throws VigilError as `runTopicJob` does
 */
export async function publishFile(ready: ReadyToLoad, work: FileWork): Promise<JobResult> {
  const { record } = ready;
  const options = jobOf(ready, work);
  const beside = await publishBeside(record, options, work);
  if (beside) return beside;
  if (record.sharedProducer === null && record.attempt === 1) return runTopicJob(options, portsOf(record, work, 'recall'));
  // One who lost the file meanwhile leaves the producers alone: they are of those who have it.
  await work.ledger.confirm(record);
  if (record.sharedProducer !== null) await endProducer(work.job.client, record.sharedProducer);
  return runTopicJob(options, portsOf(record, work, 'find'));
}
