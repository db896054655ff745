import { readWireId, topics, type StageHalted, type Topic, type TroubleRaised } from '@vigil/contracts';
import { VigilError, type ErrorCode } from '@vigil/core';
import { createValueDecoder } from '../codec/value-decoder.ts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { readWhole } from '../engine/read-whole.ts';
import type { KafkaClient, ProducedRecord } from '../ports/kafka-client.ts';
import { valueSubjectOf, type SchemaRegistry } from '../ports/schema-registry.ts';
import { partitionOf } from '../topology/partition-of.ts';

/** Where halts are kept. */
export interface HaltWorld {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
}

const { stageHalted, troubleRaised } = topics;

/**
 * The stages that are halted now, by consumer group: of each the first word of `operations.stage.halted.v1` since it was last
 * resumed, as two instances may halt it at once. Without the topic nothing is halted.
 *
 * @throws VigilError REGISTRY_AWAY, or the client's failure
 */
export async function readHalts({ client, registry }: HaltWorld): Promise<ReadonlyMap<string, StageHalted>> {
  const { name, schema } = stageHalted;
  const values: Buffer[] = [];
  const [described] = await client.admin.describeTopics([name]);
  const places = Array.from({ length: described?.partitions ?? 0 }, (_, partition) => ({ topic: name, partition }));
  const onRecord = (_place: unknown, { value }: { readonly value: Buffer | null }): void => {
    if (value !== null) values.push(value);
  };
  await readWhole({ client, places, pollMs: 500, onRecord });
  const halts = new Map<string, StageHalted>();
  const decode = createValueDecoder(schema, registry);
  for (const value of values) {
    await registry.schemaOf(readWireId(value) ?? 0);
    const halt = decode(value) as StageHalted;
    if (!halt.halted) halts.delete(halt.stage);
    else if (!halts.has(halt.stage)) halts.set(halt.stage, halt);
  }
  return halts;
}

async function encoded<Value>({ client, registry }: HaltWorld, topic: Topic<Value>, key: string, value: Value): Promise<ProducedRecord> {
  const [described] = await client.admin.describeTopics([topic.name]);
  if (!described) throw new VigilError('TOPIC_MISSING', { detail: topic.name });
  const encode = createValueEncoder(topic.schema, await registry.idOf(valueSubjectOf(topic.name), topic.schema));
  const bytes = Buffer.from(key, 'utf8');
  const partition = partitionOf(bytes, described.partitions);
  return { topic: topic.name, partition, key: bytes, value: encode(value), headers: [], timestamp: null };
}

/** One trouble per halt: the clear names the same. */
const troubleOf = ({ stage, code, changedAt }: StageHalted, clearedAt: number | null): TroubleRaised => ({
  troubleId: `stage-halted/${stage}/${changedAt}`,
  change: clearedAt === null ? 'raised' : 'cleared',
  kind: 'stage-halted',
  severity: 'critical',
  stage,
  topic: '',
  partition: null,
  offset: null,
  code,
  counts: {},
  detectedAt: changedAt,
  clearedAt,
});

async function publish(world: HaltWorld, record: ProducedRecord): Promise<void> {
  const producer = await world.client.openIdempotentProducer();
  try {
    await producer.send([record]);
  } finally {
    await producer.close();
  }
}

const publishHalt = async (world: HaltWorld, halt: StageHalted): Promise<void> =>
  publish(world, await encoded(world, stageHalted, halt.stage, halt));
/** Tells engineering of a trouble, or of its end. Resolves after the broker's acknowledgement. */
export const tellTrouble = async (world: HaltWorld, trouble: TroubleRaised): Promise<void> =>
  publish(world, await encoded(world, troubleRaised, trouble.troubleId, trouble));

/** Of several instances that halt at once the first is right: its word is repeated, so that compaction keeps it and not another. */
async function agreeOnHalt(world: HaltWorld, own: StageHalted): Promise<StageHalted | undefined> {
  await publishHalt(world, own);
  const first = (await readHalts(world)).get(own.stage);
  if (first && (first.changedAt !== own.changedAt || first.changedBy !== own.changedBy)) await publishHalt(world, first);
  return first;
}

export interface NewHalt {
  readonly stage: string;
  readonly code: ErrorCode;
  readonly by: string;
  readonly nowMs: number;
}

/**
 * Halts a stage for every instance and every restart until somebody resumes it, and raises the trouble that pages
 * engineering. A stage that is halted already stays as it is; its trouble is told again under the same id, which pages
 * nobody twice, as whoever halted it may have died before telling. Resolves after the broker's acknowledgement.
 */
export async function haltStage(world: HaltWorld, { stage, code, by, nowMs }: NewHalt): Promise<void> {
  const own: StageHalted = { stage, halted: true, code, changedAt: nowMs, changedBy: by, reason: '' };
  const halt = (await readHalts(world)).get(stage) ?? (await agreeOnHalt(world, own));
  if (halt) await tellTrouble(world, troubleOf(halt, null));
}

export interface Resumption {
  readonly stage: string;
  readonly by: string;
  readonly reason: string;
  readonly nowMs: number;
}

/** Clears the trouble of a halted stage and lets it read again, in this order: cut off in between it can be resumed once more. @throws VigilError BAD_USAGE where it is not halted */
export async function resumeStage(world: HaltWorld, { stage, by, reason, nowMs }: Resumption): Promise<StageHalted> {
  const halts = await readHalts(world);
  const halt = halts.get(stage);
  if (!halt) {
    const halted = [...halts.keys()].join(', ') || 'none';
    throw new VigilError('BAD_USAGE', { detail: `This stage is not halted; halted are: ${halted}.` });
  }
  await tellTrouble(world, troubleOf(halt, nowMs));
  await publishHalt(world, { ...halt, halted: false, changedAt: nowMs, changedBy: by, reason });
  return halt;
}
