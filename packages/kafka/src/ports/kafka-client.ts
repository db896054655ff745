/** The broker as the engine needs it: kafkajs, the in-memory driver and the simulation stand behind this port. */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Header values in log order; a key may repeat. */
export type RecordHeaders = readonly (readonly [key: string, value: Buffer | null])[];

/** A consumed record, its bytes being views into the fetched buffer. */
export interface FetchedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /**
   * Reads a value that is not null where it lies, from `from` to `to`: for thousands of values a view each is expensive.
   * Null for a value that is null. Absent where `value` costs nothing.
   */
  readValue?<Result>(read: (bytes: Buffer, from: number, to: number) => Result): Result | null;
  /** Parsed only when asked for. */
  headers(): RecordHeaders;
}

/** Where a record lies in the fetched bytes; reused from record to record. */
export interface RecordPlace {
  offset: number;
  timestamp: number;
  /** The bytes that hold the value, from `from` to `to`; `from` is −1 for a value that is null. */
  bytes: Buffer;
  from: number;
  to: number;
  hasHeaders: boolean;
}

/** A record's place with that of its key, in the same bytes; `keyFrom` is −1 for a key that is null. */
export interface KeyedPlace extends RecordPlace {
  keyFrom: number;
  keyTo: number;
}

/** The records of a batch in log order. */
export interface FetchedRecords extends Iterable<FetchedRecord> {
  readonly length: number;
  /** A record's object, made when it is asked for. */
  at(index: number): FetchedRecord | undefined;
  /** Tells where a record lies, without an object for it. Absent where the objects are there already. */
  locate?(index: number, into: RecordPlace): void;
  /** Tells where its key lies, too. */
  locateKeyed?(index: number, into: KeyedPlace): void;
}

/** What one fetch gave for one partition. `records` may be empty while `nextOffset` moved past markers. */
export interface FetchedBatch extends TopicPartition {
  /** The position it was read from. */
  readonly position: number;
  readonly records: FetchedRecords;
  /** The position after this batch: past control markers and aborted records. */
  readonly nextOffset: number;
  readonly lastStableOffset: number;
  readonly highWatermark: number;
  /** Bytes that the records keep in memory; absent where only counting tells. */
  readonly bytes?: number;
}

export interface ProducedRecord extends TopicPartition {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  /** Ingestion time; null = the producer's present. */
  readonly timestamp: number | null;
}

/** Where records of one `send` were appended, in their order: `count` of a partition from `firstOffset` on, without a gap. */
export interface AppendedBatch extends TopicPartition {
  /** Null where the broker had them from an earlier try and no longer tells the place. */
  readonly firstOffset: number | null;
  readonly count: number;
}

/** A committed position of a group with the free text that was committed beside it. */
export interface CommittedPosition extends TopicPartition {
  /** Null = none committed. */
  readonly offset: number | null;
  readonly metadata: string;
}

export interface PositionToCommit extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
}

/**
 * A producer with a transactional id: one transaction at a time, one request in flight.
 * After any error it must be discarded: the outcome of its transaction is unknown.
 */
export interface TransactionalProducer {
  /** InitProducerId: ends the predecessor's open transaction and fences it. */
  fence(): Promise<void>;
  begin(): Promise<void>;
  /** Batches of a partition are told in the order of its records. */
  send(records: readonly ProducedRecord[]): Promise<readonly AppendedBatch[]>;
  sendPositions(group: string, positions: readonly PositionToCommit[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** Idempotent, acks=all, one request in flight: for gateways, commands and sinks. Resolves after the broker's ack. */
export interface IdempotentProducer {
  send(records: readonly ProducedRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Reads partitions from positions that the caller holds; read_committed. Nothing is committed or reset by it. */
export interface Fetcher {
  /** Sets where a partition is read from and starts reading it. */
  assign(partition: TopicPartition, offset: number): void;
  unassign(partition: TopicPartition): void;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /**
   * Waits up to `maxWaitMs` for something to read. Partitions that answered without data are among the result, with
   * no records: only so the caller knows that it is still caught up. Nothing fetched before the last `assign` of a
   * partition is returned.
   * @throws VigilError OFFSET_OUT_OF_RANGE, CORRUPT_BATCH, UNSUPPORTED_CODEC; dependency errors when the broker is away
   */
  poll(maxWaitMs: number): Promise<readonly FetchedBatch[]>;
  close(): Promise<void>;
}

export interface GroupMember {
  /** Asks the coordinator whether this generation is still in force; false = wait for the listener. */
  confirm(): Promise<boolean>;
  /** Commits outside a transaction, as a member: sinks publish a copy of their position for lag tools. */
  commitPositions(positions: readonly PositionToCommit[]): Promise<void>;
  /** Leaves the group at once, so that others take over without waiting for the session to end. */
  leave(): Promise<void>;
}

export interface GroupListener {
  /** A new generation gave this member these partition numbers (of every topic). Called before anything is read. */
  onAssigned(partitions: readonly number[]): void;
  /** Membership is lost or being renegotiated: stop committing for everything assigned. */
  onLost(): void;
  /** Membership failed for good. */
  onFatal(error: unknown): void;
}

export interface JoinOptions {
  readonly group: string;
  /** Co-partitioned topics; a member gets the same partition numbers of all of them. */
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly listener: GroupListener;
}

export interface TopicDescription {
  readonly name: string;
  /** Null where the broker does not tell. A recreated topic has another id. */
  readonly topicId: string | null;
  readonly partitions: number;
}

export interface TopicToCreate {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface AdminClient {
  describeTopics(names: readonly string[]): Promise<readonly TopicDescription[]>;
  listTopics(): Promise<readonly string[]>;
  /** Creates what is missing; existing topics are left as they are. Returns the names it created. */
  createTopics(topics: readonly TopicToCreate[]): Promise<readonly string[]>;
  /** First offset still held, per partition. */
  startOffsets(topic: string): Promise<readonly number[]>;
  /** Last stable offset per partition: where a read_committed reader is drained. */
  stableOffsets(topic: string): Promise<readonly number[]>;
  /** Offset of the next record per partition: behind transactions that are still open, too. */
  highWatermarks(topic: string): Promise<readonly number[]>;
  committed(group: string, topics: readonly string[]): Promise<readonly CommittedPosition[]>;
  /** Commits for a group without members: commands that set a position. */
  commitPositions(group: string, positions: readonly PositionToCommit[]): Promise<void>;
  close(): Promise<void>;
}

export interface KafkaClient {
  readonly admin: AdminClient;
  join(options: JoinOptions): Promise<GroupMember>;
  openFetcher(): Promise<Fetcher>;
  openTransactionalProducer(options: { transactionalId: string; transactionTimeoutMs: number }): Promise<TransactionalProducer>;
  openIdempotentProducer(): Promise<IdempotentProducer>;
  close(): Promise<void>;
}
