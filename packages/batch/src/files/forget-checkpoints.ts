import { topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { partitionOf, type KafkaClient } from '@vigil/kafka';
import { checkpointKeyOf, type Checkpoints } from '../job/checkpoints.ts';
import type { LoadedContent } from './forgettable-files.ts';
import type { FileLedger } from './file-ledger.ts';
import { fileIdOfJob, fileJobOf } from './file-job.ts';

export interface Forgetting {
  readonly ledger: Pick<FileLedger, 'forgettable' | 'forgot' | 'loadedOf'>;
  readonly checkpoints: Pick<Checkpoints, 'keys' | 'drop'>;
  readonly client: KafkaClient;
  readonly source: string;
  /** Since a file was archived. Longer than a backup of the ledger is kept: one that is restored asks the topic. */
  readonly graceMs?: number;
}

/** 35 days. */
const usualGraceMs = 35 * 86_400_000;
const keysAtOnce = 1_000;

async function writeTombstones(client: KafkaClient, files: readonly LoadedContent[]): Promise<void> {
  const { name } = topics.jobCheckpointed;
  const [described] = await client.admin.describeTopics([name]);
  if (!described) throw new VigilError('TOPIC_MISSING', { detail: name });
  const producer = await client.openIdempotentProducer();
  try {
    const keys = files.map(({ fileId, sha256 }) => Buffer.from(checkpointKeyOf(fileJobOf(fileId, sha256), 0), 'utf8'));
    const place = (key: Buffer) => ({ topic: name, partition: partitionOf(key, described.partitions) });
    await producer.send(keys.map((key) => ({ ...place(key), key, value: null, headers: [], timestamp: null })));
  } finally {
    await producer.close();
  }
}

/**
 * Ends what checkpoints of loaded files cost: in the topic (a tombstone, a grace period after the file was archived) and in
 * the memory of this process. From LOADED on the ledger answers, not the checkpoint: such a file is claimed no more, and an
 * attempt that slept is refused by its epoch after it fenced and before it looks for its checkpoint. Files in quarantine and
 * duplicates keep theirs: a person may requeue them, and they go on where they were.
 *
 * @returns how many were written off in the topic; 1,000 at most, the next call goes on
 * @throws VigilError of database or broker; what was done twice is as if it was done once
 */
export async function forgetCheckpoints({ ledger, checkpoints, client, source, graceMs = usualGraceMs }: Forgetting): Promise<number> {
  const files = await ledger.forgettable(source, graceMs);
  if (files.length > 0) await writeTombstones(client, files);
  await ledger.forgot(files.map(({ fileId }) => fileId));
  const held = checkpoints.keys().flatMap((key) => {
    const fileId = fileIdOfJob(key);
    return fileId === null ? [] : [{ key, fileId }];
  });
  for (let at = 0; at < held.length; at += keysAtOnce) {
    const some = held.slice(at, at + keysAtOnce);
    const loaded = new Set(await ledger.loadedOf(some.map(({ fileId }) => fileId)));
    checkpoints.drop(some.filter(({ fileId }) => loaded.has(fileId)).map(({ key }) => key));
  }
  return files.length;
}
