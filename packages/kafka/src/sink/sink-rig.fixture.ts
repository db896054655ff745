import { topics, type IdentityObserved } from '@vigil/contracts';
import { createValueDecoder } from '../codec/value-decoder.ts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { systemEngineClock } from '../engine/engine-clock.ts';
import type { EngineEvent } from '../engine/engine-observer.ts';
import type { Stage } from '../engine/stage.ts';
import { createMemoryBroker, type MemoryClientOptions } from '../memory/memory-broker.ts';
import { createMemorySinkTarget, type MemorySinkTargetOptions } from '../memory/memory-sink-target.ts';
import type { ProducedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { runSink } from './run-sink.ts';
import type { SinkDependencies, SinkSpec } from './sink-spec.ts';

export const source = topics.identityObserved;
export const group = 'warehouse-loader.operational';
export const dlqTopic = `${source.name}.${group}.dlq`;
export const retryTopic = `${source.name}.${group}.retry`;
const ledgerTopic = topics.batchProgressed.name;

export const spec: SinkSpec = {
  name: group,
  sources: [{ topic: source, read: 'decoded' }],
  limits: { maxRecords: 50, maxBytes: 1_000_000, maxWaitMs: 10, idleMs: 2 },
};

export interface SendOptions {
  readonly topic?: string;
  readonly partition?: number;
  readonly headers?: RecordHeaders;
  readonly transactional?: boolean;
  readonly key?: Buffer | null;
}

export type RigOverrides = Partial<SinkDependencies> & { readonly spec?: SinkSpec; readonly connect?: MemoryClientOptions };

/** A broker, a registry and a sink target in memory, with what tests send and look at. */
export async function createSinkRig(options: MemorySinkTargetOptions & { readonly partitions?: number } = {}) {
  const broker = createMemoryBroker({ clock: systemEngineClock, maxRecordsPerBatch: 20 });
  for (const topic of [source.name, dlqTopic, retryTopic]) broker.createTopic(topic, options.partitions ?? 1);
  broker.createTopic(ledgerTopic, 1);
  const registry = createMemoryRegistry();
  const id = await registry.idOf(`${source.name}-value`, source.schema);
  const encode = createValueEncoder(source.schema, id);
  await registry.schemaOf(id);
  const target = createMemorySinkTarget(options);
  const events: EngineEvent[] = [];
  const stages: Stage[] = [];
  const sender = broker.connect();

  const valueOf = (name: string): Buffer =>
    encode({
      patientToken: name,
      sealed: Buffer.from(name),
      keyId: 'k1',
      observedAt: 1,
      source: 'registry',
      told: 0,
    } satisfies IdentityObserved);

  const sendValues = async (
    values: readonly (Buffer | null)[],
    { topic, partition, headers, transactional, key = Buffer.from('key') }: SendOptions = {},
  ) => {
    const records = values.map((value): ProducedRecord => ({
      topic: topic ?? source.name,
      partition: partition ?? 0,
      key,
      value,
      headers: headers ?? [],
      timestamp: null,
    }));
    if (!transactional) return (await sender.openIdempotentProducer()).send(records);
    const producer = await sender.openTransactionalProducer({ transactionalId: 'test', transactionTimeoutMs: 10_000 });
    await producer.fence();
    await producer.begin();
    await producer.send(records);
    return producer.commit();
  };

  return {
    broker,
    registry,
    target,
    events,
    valueOf,
    sendValues,
    send: (names: readonly string[], sendOptions?: SendOptions) => sendValues(names.map(valueOf), sendOptions),
    async start(overrides: RigOverrides = {}): Promise<Stage> {
      const { spec: ownSpec = spec, connect, ...dependencies } = overrides;
      const stage = await runSink(ownSpec, {
        client: broker.connect(connect),
        registry,
        target,
        observer: { on: (event) => void events.push(event) },
        settings: { pollMs: 10, retryBaseMs: 1, retryCapMs: 20 },
        ...dependencies,
      });
      stages.push(stage);
      return stage;
    },
    async stop(): Promise<void> {
      for (const stage of stages) await stage.drain({ withinMs: 2_000 });
    },
    tokens: () => target.rows.map(({ record }) => (record.value as IdentityObserved | null)?.patientToken ?? null),
    quarantined: () => broker.log({ topic: dlqTopic, partition: 0 }).read(0, 1_000).records,
    async ledger() {
      await registry.schemaOf(await registry.idOf(`${ledgerTopic}-value`, topics.batchProgressed.schema));
      const decode = createValueDecoder(topics.batchProgressed.schema, registry);
      return broker
        .log({ topic: ledgerTopic, partition: 0 })
        .read(0, 1_000)
        .records.map(({ value }) => decode(value as Buffer) as Record<string, unknown>);
    },
  };
}

/** Waits until `condition` holds; the time-out of the test ends what never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setTimeout(resolve, 2));
}
