import { days, retryTopicOf } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import {
  headerNames,
  originFromHeaders,
  textHeader,
  type FetchedRecord,
  type KafkaClient,
  type ProducedRecord,
  type TransactionalProducer,
} from '@vigil/kafka';
import type { DeadLetterTopic } from './dead-letter-topics.ts';
import type { DlqRequest } from './request-rows.ts';
import type { RequestStore } from './request-store.ts';
import { digestOf, hashOf, placeName, type EntryPlace } from './select-entries.ts';
import { identifyQueue, walkQueue, type QueueIdentity } from './walk-queue.ts';

export interface RequeueOptions {
  readonly client: KafkaClient;
  readonly store: RequestStore;
  readonly queue: DeadLetterTopic;
  /** Approved. */
  readonly request: DlqRequest;
  /** Replaces the value of the one record; null = exact bytes. */
  readonly edited: Buffer | null;
  /** Records a second. */
  readonly rate: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface Requeued {
  /** By this run. */
  readonly sent: number;
  /** Found in the retry topic: sent by an earlier run that was interrupted before it could say so. */
  readonly found: number;
}

const transactionTimeoutMs = 10_000;
const mostInTransaction = 500;
/** Below the retry topic's retention: until then it tells what an interrupted run has sent. */
const rememberedMs = days(13);

/** Back to the group that rejected it: exact key, the origin's partition number, the origin as its identity. */
function wayBackOf(
  record: FetchedRecord,
  place: EntryPlace,
  { queue, request, edited }: RequeueOptions,
  retry: QueueIdentity,
): ProducedRecord {
  const origin = originFromHeaders(record.headers());
  if (origin === null) throw new VigilError('SELECTION_CHANGED', { detail: `${queue.name} at ${placeName(place)} has no origin.` });
  if (origin.partition >= retry.partitions) {
    throw new VigilError('PARTITION_MISMATCH', {
      detail: `${retry.topic} has ${retry.partitions}, the origin was partition ${origin.partition}.`,
    });
  }
  const ours: readonly string[] = [headerNames.requeueRequest, headerNames.requeuedFrom];
  return {
    topic: retry.topic,
    partition: origin.partition,
    key: record.key,
    value: edited ?? record.value,
    timestamp: null,
    headers: [
      ...record.headers().filter(([name]) => !ours.includes(name)),
      [headerNames.requeueRequest, Buffer.from(request.id, 'utf8')],
      [headerNames.requeuedFrom, Buffer.from(placeName(place), 'utf8')],
    ],
  };
}

/**
 * What runs before this one have committed to the retry topic. Only to be asked after the fence: nobody else commits then.
 * Another request's open transaction hides what was committed behind it, so this waits for its end.
 */
async function sentBefore(client: KafkaClient, retry: QueueIdentity, { id }: DlqRequest): Promise<ReadonlySet<string>> {
  const sent = new Set<string>();
  const note = (_: number, records: readonly FetchedRecord[]): void => {
    for (const record of records) {
      const headers = record.headers();
      const from = textHeader(headers, headerNames.requeuedFrom);
      if (from !== null && textHeader(headers, headerNames.requeueRequest) === id) sent.add(from);
    }
  };
  await walkQueue(client, retry, note, 'written');
  return sent;
}

/** @throws VigilError SELECTION_CHANGED unless every record is there with the bytes that were approved */
async function checkSelection({ client, request }: RequeueOptions, queue: QueueIdentity, places: ReadonlySet<string>): Promise<void> {
  const digests = new Map<string, string>();
  await walkQueue(client, queue, (partition, records) => {
    for (const record of records) {
      const name = placeName({ partition, offset: record.offset });
      if (places.has(name)) digests.set(name, digestOf(partition, record));
    }
  });
  if (hashOf(digests) !== request.selectionHash) throw new VigilError('SELECTION_CHANGED', { detail: request.topic });
}

interface Sending {
  readonly dead: QueueIdentity;
  readonly retry: QueueIdentity;
  readonly open: ReadonlySet<string>;
  readonly producer: TransactionalProducer;
}

async function sendAll(options: RequeueOptions, { dead, retry, open, producer }: Sending): Promise<number> {
  const { client, store, request, rate, clock, sleep } = options;
  const perTransaction = Math.min(mostInTransaction, Math.max(1, Math.floor(rate / 4)));
  const startedMs = clock.now();
  let sent = 0;
  await walkQueue(client, dead, async (partition, records) => {
    const chosen = records.filter(({ offset }) => open.has(placeName({ partition, offset })));
    for (let at = 0; at < chosen.length; at += perTransaction) {
      const part = chosen.slice(at, at + perTransaction);
      const places = part.map(({ offset }) => ({ partition, offset }));
      await producer.begin();
      await producer.send(part.map((record) => wayBackOf(record, { partition, offset: record.offset }, options, retry)));
      await producer.commit();
      await store.settle(request, places, 'requeued');
      sent += part.length;
      const aheadMs = (sent / rate) * 1000 - (clock.now() - startedMs);
      if (aheadMs > 0) await sleep(aheadMs);
    }
  });
  return sent;
}

interface OpenRequeue {
  readonly producer: TransactionalProducer;
  readonly retry: QueueIdentity;
  /** Claimed places that are not in the retry topic. */
  readonly open: ReadonlySet<string>;
  /** All places of the request. */
  readonly all: ReadonlySet<string>;
  readonly found: number;
}

type Known = Pick<RequeueOptions, 'client' | 'store' | 'request' | 'queue' | 'clock'>;

/** Fences every earlier run, then settles what they had committed. The caller closes the producer. */
async function openRequeue({ client, store, request, queue, clock }: Known): Promise<OpenRequeue> {
  const retry = await identifyQueue(client, retryTopicOf(queue.origin.name, queue.group));
  if (clock.now() - Date.parse(request.decidedAt ?? '') > rememberedMs) throw new VigilError('REQUEST_EXPIRED');
  const producer = await client.openTransactionalProducer({ transactionalId: `vigil-requeue.${request.id}`, transactionTimeoutMs });
  try {
    await producer.fence();
    const { claimed, settled } = await store.placesOf(request);
    const before = await sentBefore(client, retry, request);
    const found = claimed.filter((place) => before.has(placeName(place)));
    if (found.length > 0) await store.settle(request, found, 'requeued');
    const open = new Set(claimed.map(placeName).filter((name) => !before.has(name)));
    return { producer, retry, open, all: new Set([...claimed, ...settled].map(placeName)), found: found.length };
  } catch (error) {
    await producer.close().catch(() => undefined);
    throw error;
  }
}

/** Before an interrupted request is declined: what it had sent counts as sent, and its last run can send no more. */
export async function settleSent(known: Known): Promise<void> {
  const { producer } = await openRequeue(known);
  await producer.close();
}

/**
 * Sends the records of an approved request to the retry topic, each exactly once however often this is begun anew: the
 * claim was written before, the producer is fenced by the request's own transactional id, and what an interrupted run had
 * committed is read off the retry topic.
 *
 * @throws VigilError SELECTION_CHANGED, REQUEST_EXPIRED, PARTITION_MISMATCH, or a dependency's failure: then call it again
 */
export async function runRequeue(options: RequeueOptions): Promise<Requeued> {
  const { client, request, queue } = options;
  const dead = await identifyQueue(client, queue.name);
  if (dead.topicId !== request.topicId) throw new VigilError('SELECTION_CHANGED', { detail: `${queue.name} was recreated.` });
  const { producer, retry, open, all, found } = await openRequeue(options);
  try {
    await checkSelection(options, dead, all);
    const sent = open.size === 0 ? 0 : await sendAll(options, { dead, retry, open, producer });
    return { sent, found };
  } finally {
    await producer.close().catch(() => undefined);
  }
}
