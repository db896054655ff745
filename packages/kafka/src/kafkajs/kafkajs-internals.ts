import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { VigilError } from '@vigil/core';

/** The version whose inner parts this adapter was written and tested for. */
export const supportedVersion = '2.2.4';

/** A request of our own making, sent over a connection of kafkajs. */
export interface RawRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer; size(): number }>;
    readonly expectResponse?: () => boolean;
  };
  readonly response: { readonly decode: (payload: Buffer) => Promise<unknown>; readonly parse: (decoded: unknown) => Promise<Answer> };
  readonly requestTimeout?: number;
  readonly logResponseError?: boolean;
}

export interface JoinedGroup {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

interface OffsetTopic {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly offset?: string;
    readonly metadata?: string;
    readonly timestamp?: number;
  }[];
}

interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
}

/** What is used of a broker of kafkajs. */
export interface KafkajsBroker {
  readonly nodeId: number;
  readonly connectionPool: { send<Answer>(request: RawRequest<Answer>): Promise<Answer> };
  disconnect(): Promise<void>;
  joinGroup(options: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: readonly { name: string; metadata: Buffer }[];
  }): Promise<JoinedGroup>;
  syncGroup(options: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(options: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(options: { groupId: string; memberId: string }): Promise<unknown>;
  listOffsets(options: { replicaId: number; isolationLevel: number; topics: readonly OffsetTopic[] }): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }>;
  offsetFetch(options: { groupId: string; topics: readonly OffsetTopic[] }): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata: string | null }[];
    }[];
  }>;
  offsetCommit(options: { groupId: string; groupGenerationId: number; memberId: string; topics: readonly OffsetTopic[] }): Promise<unknown>;
  initProducerId(options: {
    transactionalId?: string;
    transactionTimeout: number;
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
  addPartitionsToTxn(options: ProducerIdentity & { topics: readonly { topic: string; partitions: readonly number[] }[] }): Promise<unknown>;
  addOffsetsToTxn(options: ProducerIdentity & { groupId: string }): Promise<unknown>;
  txnOffsetCommit(options: ProducerIdentity & { groupId: string; topics: readonly OffsetTopic[] }): Promise<unknown>;
  endTxn(options: ProducerIdentity & { transactionResult: boolean }): Promise<unknown>;
  createTopics(options: {
    topics: readonly {
      topic: string;
      numPartitions: number;
      replicationFactor: number;
      configEntries: readonly { name: string; value: string }[];
    }[];
    timeout: number;
  }): Promise<unknown>;
}

/** What is used of a cluster of kafkajs. */
export interface KafkajsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findBroker(options: { nodeId: number }): Promise<KafkajsBroker>;
  findControllerBroker(): Promise<KafkajsBroker>;
  findGroupCoordinator(options: { groupId: string; coordinatorType?: number }): Promise<KafkajsBroker>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
}

interface RequestQueueInternals {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

const load = createRequire(import.meta.url);
const inner = <Part>(path: string): Part => load(`kafkajs/src/${path}`) as Part;

/** @throws VigilError when another version is installed: its inner parts may not be what this adapter takes them for */
export function checkKafkajsVersion(installed: string = (load('kafkajs/package.json') as { version: string }).version): void {
  if (installed !== supportedVersion) {
    throw new VigilError('BAD_SETTINGS', { detail: `kafkajs ${installed} is installed, the adapter fits ${supportedVersion}.` });
  }
}

/**
 * kafkajs arms a timer of one millisecond again and again on every connection that ever had an answer. This arms it
 * only when a request waits, at the moment it may be sent.
 */
export function scheduleOnlyWhenPending(this: RequestQueueInternals): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const delayMs = Math.max(10, this.throttledUntil - Date.now());
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, delayMs);
}

let isPrepared = false;

function prepare(): void {
  if (isPrepared) return;
  checkKafkajsVersion();
  const RequestQueue = inner<{ prototype: Record<string, unknown> }>('network/requestQueue');
  RequestQueue.prototype['scheduleCheckPendingRequests'] = scheduleOnlyWhenPending;
  isPrepared = true;
}

export interface ClusterOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | object;
  readonly sasl?: object;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Opens a connection; kafkajs's own by default. */
  readonly openSocket?: SocketFactory;
}

export type SocketFactory = (options: {
  readonly host: string;
  readonly port: number;
  readonly ssl?: object;
  readonly onConnect: () => void;
}) => Socket;

const retry = { initialRetryTime: 20, maxRetryTime: 500, factor: 0.2, multiplier: 2, retries: 5 };
const readCommitted = 1;

/** Opens connections of their own: what waits on one cluster object blocks nobody on another. */
export function createCluster({
  brokers,
  clientId,
  ssl,
  sasl,
  requestTimeoutMs,
  connectionTimeoutMs,
  openSocket,
}: ClusterOptions): KafkajsCluster {
  prepare();
  const Cluster = inner<new (options: object) => KafkajsCluster>('cluster');
  const { createLogger } = inner<{ readonly createLogger: (options: object) => object }>('loggers');
  const socketFactory = inner<() => SocketFactory>('network/socketFactory');
  return new Cluster({
    logger: createLogger({ level: 0, logCreator: () => () => undefined }),
    socketFactory: openSocket ?? socketFactory(),
    brokers: [...brokers],
    clientId,
    ssl,
    sasl,
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: connectionTimeoutMs,
    reauthenticationThreshold: 10_000,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    metadataMaxAge: 60_000,
    retry,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    isolationLevel: readCommitted,
  });
}

/** A protocol error by its code, as kafkajs makes it: with `type`, the code's name. */
export const protocolErrorOf = (code: number): Error =>
  inner<{ readonly createErrorFromCode: (code: number) => Error }>('protocol/error').createErrorFromCode(code);

/** The stock decoder of a Fetch v11 answer, kept selectable beside our own. */
export const stockFetchDecoder = (): ((payload: Buffer) => Promise<unknown>) =>
  inner<{ readonly decode: (payload: Buffer) => Promise<unknown> }>('protocol/requests/fetch/v11/response').decode;

export interface StockCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** kafkajs's table of codecs, to register those it does not bring. */
export const stockCodecs = (): Record<number, () => StockCodec> =>
  inner<{ Codecs: Record<number, () => StockCodec> }>('protocol/message/compression').Codecs;

export const memberProtocol = (): {
  MemberMetadata: { encode(options: object): Buffer; decode(buffer: Buffer): { topics: string[]; userData: Buffer } };
  MemberAssignment: { encode(options: object): Buffer; decode(buffer: Buffer): { assignment: Record<string, number[]> } | null };
} => inner('consumer/assignerProtocol');
