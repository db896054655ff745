import { topics, type Topic } from '@vigil/contracts';
import type { FileContent } from '../content/file-feed.ts';
import type { FileItem } from '../content/read-items.ts';
import type { JobResult } from '../job/batch-job.ts';
import type { Checkpoints } from '../job/checkpoints.ts';
import { runTopicJob } from '../job/run-topic-job.ts';
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
 * The checkpoint of a file that was never claimed before can only be from before the ledger was restored: what was read of
 * the topic once tells it. Whether it was claimed by another attempt since is asked of the ledger, and only now: the job
 * looks for its checkpoint after it has fenced the producers of others, so whoever claims later fences this one. Of any
 * attempt: the checkpoint of a file that is archived is forgotten, and an attempt that slept until then must not begin anew.
 */
function checkpointsOf(record: FileRecord, { ledger, job: { checkpoints } }: FileWork): Checkpoints {
  return {
    ...checkpoints,
    async find(job, partition) {
      await ledger.confirm(record);
      return record.attempt > 1 ? checkpoints.find(job, partition) : checkpoints.recall(job, partition);
    },
  };
}

/** The records of a file go into the topics of their kind. @throws VigilError as `runTopicJob` does */
export function publishFile({ record, partition, judge, onCounts }: ReadyToLoad, work: FileWork): Promise<JobResult> {
  const { source, feed, ledger, job } = work;
  const { fileId } = record;
  let isFirst = true;
  return runTopicJob<FileItem>(
    {
      partition,
      map: judge.map,
      writes: feed.content === 'rows' ? [] : written[feed.content],
      source: { name: source.name, fileId },
      ends: 'for-good',
      skipLimit: work.skipLimit,
      ...(work.chunkLimits && { limits: work.chunkLimits }),
      traceparent: work.traceparent,
      signal: work.signal,
      onCommitted: async ({ counts, trail, done, outputs }) => {
        onCounts(counts);
        // Of another attempt, or of all: what is between stands in the checkpoint, which the next attempt tells.
        if (done || isFirst) await work.outputs.note(`file:${fileId}`, 0, outputs);
        isFirst = false;
        if (trail.length > 0) await ledger.trail(source.name, fileId, trail);
      },
    },
    { ...job, checkpoints: checkpointsOf(record, work) },
  );
}
