import { VigilError } from '@vigil/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchedBatch, Fetcher, TopicPartition } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { fetchFrom, type PartitionFetched, type RecordSetDecoder } from './fetch-request.ts';
import { protocolErrorOf } from './kafkajs-internals.ts';

export interface FetcherOptions {
  readonly link: ClusterLink;
  readonly decode: RecordSetDecoder;
  readonly requestTimeoutMs: number;
  readonly longPollMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
}

/** One assignment of a partition; a later `assign` makes a new one, and answers to the old one are dropped. */
interface Reading extends TopicPartition {
  position: number;
  paused: boolean;
  /** Fetched and not yet taken by `poll`. */
  waitingBytes: number;
}

/** A reading, and where it stood when a broker was asked. */
interface Asked {
  readonly reading: Reading;
  readonly position: number;
}

interface Ready {
  readonly reading: Reading;
  readonly batch: FetchedBatch;
  readonly bytes: number;
}

/** A paused partition is resumed without waiting for the long poll of the others. */
const pausedPollMs = 20;
const offsetOutOfRange = 1;
const corruptMessage = 2;
/** Errors of one partition that a fresh look at the leaders may end. */
const movedCodes: ReadonlySet<number> = new Set([3, 5, 6, 9, 56, 74, 75, 78, 100]);

/** A leader that moves, or is not chosen yet for a topic just created, is looked for this often before it is a failure. */
const mostLooks = 20;
const lookAgainMs = 100;

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export function createKafkaFetcher({ link, decode, requestTimeoutMs, longPollMs, maxBytes, maxPartitionBytes }: FetcherOptions): Fetcher {
  const readings = new Map<string, Reading>();
  const fetching = new Set<number>();
  let ready: Ready[] = [];
  let failures: unknown[] = [];
  let wake: (() => void) | null = null;
  let closed = false;
  let isStarting = false;
  let looks = 0;

  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const fail = (error: unknown): void => {
    if (!closed) failures.push(error);
    notify();
  };
  const isWanted = (reading: Reading): boolean => !reading.paused && reading.waitingBytes <= maxPartitionBytes;
  /** A leader that was asked before another took its place may answer last: what it holds was fetched meanwhile. */
  const isStale = ({ reading, position }: Asked): boolean => readings.get(nameOf(reading)) !== reading || reading.position !== position;
  const accept = (asked: Asked | undefined, answer: PartitionFetched): void => {
    if (!asked || isStale(asked)) return;
    const { reading } = asked;
    const { topic, partition, records, nextOffset, lastStableOffset, highWatermark, bytes, recordBytes, errorCode } = answer;
    if (errorCode === offsetOutOfRange)
      throw new VigilError('OFFSET_OUT_OF_RANGE', { detail: `${topic}-${partition} at ${reading.position}` });
    if (errorCode === corruptMessage) throw new VigilError('CORRUPT_BATCH', { detail: `${topic}-${partition} at ${reading.position}` });
    if (errorCode !== 0) throw protocolErrorOf(errorCode);
    const { position } = reading;
    reading.position = nextOffset;
    reading.waitingBytes += bytes;
    const batch = { topic, partition, position, records, nextOffset, lastStableOffset, highWatermark, bytes: recordBytes };
    ready.push({ reading, batch, bytes });
  };
  const lookAgain = async (): Promise<void> => {
    await link.refresh().catch(() => undefined);
    await sleep(lookAgainMs);
  };
  const fetchOnce = async (nodeId: number, wanted: readonly Reading[]): Promise<void> => {
    const broker = await link.broker(nodeId);
    const hasPaused = [...readings.values()].some(({ paused }) => paused);
    const limits = { maxWaitMs: hasPaused ? pausedPollMs : longPollMs, maxBytes, maxPartitionBytes };
    const asked = new Map(wanted.map((reading) => [nameOf(reading), { reading, position: reading.position }]));
    const places = wanted.map(({ topic, partition, position }) => ({ topic, partition, position }));
    const answers = await fetchFrom(broker, places, { limits, decode, requestTimeoutMs });
    if (closed) return;
    const hasMoved = answers.some(({ errorCode }) => movedCodes.has(errorCode));
    looks = hasMoved ? looks + 1 : 0;
    if (hasMoved) await lookAgain();
    for (const answer of answers) {
      if (looks < mostLooks && movedCodes.has(answer.errorCode)) continue;
      accept(asked.get(nameOf(answer)), answer);
    }
    if (answers.some(({ topic, partition }) => asked.has(nameOf({ topic, partition })))) notify();
  };
  const wantedOf = (nodeId: number): readonly Reading[] =>
    [...readings.values()].filter((reading) => isWanted(reading) && link.leads(nodeId, reading.topic, reading.partition));
  /** Fetches from one broker while there is something to fetch; the next request is on its way while the last is handled. */
  const follow = async (nodeId: number): Promise<void> => {
    if (fetching.has(nodeId)) return;
    fetching.add(nodeId);
    try {
      for (let wanted = wantedOf(nodeId); wanted.length > 0 && !closed; wanted = wantedOf(nodeId)) await fetchOnce(nodeId, wanted);
    } finally {
      fetching.delete(nodeId);
    }
  };
  const start = async (): Promise<void> => {
    if (isStarting || closed || readings.size === 0) return;
    isStarting = true;
    try {
      const open = [...readings.values()];
      await link.withTopics(new Set(open.map(({ topic }) => topic)));
      const nodes = new Set(open.filter(isWanted).map(({ topic, partition }) => link.leaderOf(topic, partition)));
      for (const nodeId of nodes) void follow(nodeId).catch(fail);
    } finally {
      isStarting = false;
    }
  };
  const kick = (): void => void start().catch(fail);
  const take = (): FetchedBatch[] => {
    const taken = ready.filter(({ reading }) => readings.get(nameOf(reading)) === reading);
    ready = [];
    for (const { reading, bytes } of taken) reading.waitingBytes -= bytes;
    return taken.map(({ batch }) => batch);
  };
  const waitForNews = (maxWaitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        wake = null;
        resolve();
      }, maxWaitMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  return {
    assign({ topic, partition }, position) {
      readings.set(nameOf({ topic, partition }), { topic, partition, position, paused: false, waitingBytes: 0 });
      kick();
    },
    unassign: (place) => void readings.delete(nameOf(place)),
    pause(place) {
      const reading = readings.get(nameOf(place));
      if (reading) reading.paused = true;
    },
    resume(place) {
      const reading = readings.get(nameOf(place));
      if (!reading) return;
      reading.paused = false;
      kick();
    },
    async poll(maxWaitMs) {
      kick();
      if (ready.length === 0 && failures.length === 0 && !closed) await waitForNews(maxWaitMs);
      const [failure] = failures;
      failures = [];
      if (failure !== undefined) throw failure;
      const batches = take();
      kick();
      return batches;
    },
    async close() {
      closed = true;
      readings.clear();
      notify();
      await link.close();
    },
  };
}
