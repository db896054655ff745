import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { topics, type Topic } from '@vigil/contracts';
import { isVigilError, systemClock, VigilError, type Clock } from '@vigil/core';
import { createYieldToLive, openObservedLags, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { asKafkaError } from '../connect/kafka-error.ts';
import { openInput, type Input } from './open-input.ts';
import { createPublisher, type Publisher, type Rejection } from './publish-messages.ts';
import { shiftTimestamp, timestampOf } from './shift-timestamps.ts';
import type { CutMessage } from '@vigil/batch';
import { createMessageSplitter } from '@vigil/batch';

export type SendKind = 'readings' | 'patients';

export interface SendRequest {
  readonly kind: SendKind;
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly rate?: number;
  readonly shiftToNow?: boolean;
  readonly batchId?: string;
}

export interface SendReport {
  /** Acknowledged. */
  readonly sent: number;
  readonly rejected: number;
  readonly seconds: number;
  /** The first of those rejected. */
  readonly rejections: readonly Rejection[];
  /** Why it ended before the input did. What was under way then may have arrived, too. */
  readonly error?: SendFailure;
}

export interface SendFailure {
  readonly code: string;
  readonly message: string;
}

export interface SendDeps {
  readonly stdin: Readable;
  readonly clock?: Clock;
  /** With it a batch (`batchId`) waits while the live stream is behind. */
  readonly registry?: SchemaRegistry;
  /** Told when a batch begins to wait for the live stream, and when it goes on. */
  readonly onWaiting?: (waiting: boolean, lagSeconds: number) => void;
}

const destinations: Readonly<Record<SendKind, { readonly topic: Topic; readonly keyMember: string }>> = {
  readings: { topic: topics.vitalsReadingReceived, keyMember: 'device_id' },
  patients: { topic: topics.patientsRecordReceived, keyMember: 'patient_id' },
};

/** Cuts the input and gives each chunk's messages to `take`, holding no more than a chunk and one message. */
async function eachCut(input: Input, maxBytes: number, take: (messages: readonly CutMessage[]) => Promise<void> | void): Promise<void> {
  const splitter = createMessageSplitter(maxBytes);
  for await (const chunk of input.open()) await take(splitter.push(chunk));
  await take(splitter.end());
}

/** By how much all timestamps move, so that the latest is now. */
async function shiftOf(input: Input, maxBytes: number, clock: Clock): Promise<number> {
  let latest: number | undefined;
  await eachCut(input, maxBytes, (messages) => {
    for (const { bytes } of messages) {
      const ms = bytes ? timestampOf(bytes) : undefined;
      if (ms !== undefined && (latest === undefined || ms > latest)) latest = ms;
    }
  });
  return latest === undefined ? 0 : clock.now() - latest;
}

/** @throws VigilError TOPIC_MISSING */
export async function partitionsOf({ admin }: KafkaClient, topic: Topic): Promise<number> {
  const [described] = await admin.describeTopics([topic.name]);
  if (!described) throw new VigilError('TOPIC_MISSING', { detail: topic.name });
  return described.partitions;
}

const shifted = (messages: readonly CutMessage[], byMs: number): readonly CutMessage[] =>
  byMs === 0 ? messages : messages.map(({ bytes, ...place }) => ({ bytes: bytes && shiftTimestamp(bytes, byMs), ...place }));

function reportOf(publisher: Publisher, startedMs: number, clock: Clock): SendReport {
  return {
    sent: publisher.sent(),
    rejected: publisher.rejectedCount(),
    seconds: Math.round(clock.now() - startedMs) / 1000,
    rejections: publisher.rejected(),
  };
}

/** A batch goes behind what devices send now; what is sent without an id is taken for a device's. */
export function openYield(client: KafkaClient, batchId: string | undefined, { registry, onWaiting, clock = systemClock }: SendDeps) {
  if (batchId === undefined || registry === undefined) return null;
  const observed = openObservedLags(client, registry);
  const wait = createYieldToLive({ observed, clock, sleep, ...(onWaiting && { onWaiting }) });
  return { wait, close: () => observed.close() };
}

/** What stopped a sender, as its report tells it. */
export function failureOf(error: unknown): SendFailure {
  const known = asKafkaError(error);
  return { code: isVigilError(known) ? known.code : 'FAILED', message: known instanceof Error ? known.message : String(known) };
}

/**
 * Sends the messages of a file as devices would: byte for byte, malformed ones too.
 *
 * @throws VigilError BAD_USAGE, TOPIC_MISSING, KAFKA_AWAY before anything was sent
 */
export async function sendMessages(client: KafkaClient, request: SendRequest, deps: SendDeps): Promise<SendReport> {
  const { stdin, clock = systemClock } = deps;
  const { topic, keyMember } = destinations[request.kind];
  const input = await openInput(request.file, { stdin, passes: request.shiftToNow ? 2 : 1 });
  try {
    const partitions = await partitionsOf(client, topic);
    const byMs = request.shiftToNow ? await shiftOf(input, topic.maxMessageBytes, clock) : 0;
    const producer = await client.openIdempotentProducer();
    const startedMs = clock.now();
    const { batchId, rate } = request;
    const live = openYield(client, batchId, deps);
    const yielding = live && { yieldToLive: live.wait };
    const publisher = createPublisher(producer, { topic, partitions, keyMember, batchId, rate, clock, sleep, ...yielding });
    try {
      await eachCut(input, topic.maxMessageBytes, (messages) => publisher.publish(shifted(messages, byMs)));
      return reportOf(publisher, startedMs, clock);
    } catch (error) {
      return { ...reportOf(publisher, startedMs, clock), error: failureOf(error) };
    } finally {
      await live?.close();
      await producer.close();
    }
  } finally {
    await input.close();
  }
}
