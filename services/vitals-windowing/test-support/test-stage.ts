import {
  compileFlatReader,
  compileReader,
  compileWriter,
  createWireEncoder,
  flatValuesOf,
  topics,
  wireHeaderBytes,
  type AlertRaised,
  type AvroReader,
  type AvroSchema,
  type AvroWriter,
  type FlatFields,
  type FlatReader,
  type PatientChanged,
  type ReadingAccepted,
  type WindowClosed,
} from '@vigil/contracts';
import { processed, type Disposition, type Emission, type Outcome } from '@vigil/core';
import type { Adoption, Handler, LyingRow, QuickWay, Source, StateStore, StoreSpec, TickHandler, Topology } from '@vigil/kafka';

type Stores = Record<string, unknown>;

interface Codec {
  readonly write: AvroWriter<object>;
  readonly read: AvroReader<object>;
}

/** Compiled once for all stages: property tests open hundreds. */
const codecs = new Map<AvroSchema, Codec>();
function codecOf(schema: AvroSchema): Codec {
  let codec = codecs.get(schema);
  if (codec === undefined) codecs.set(schema, (codec = { write: compileWriter(schema), read: compileReader(schema) }));
  return codec;
}

const flatReaders = new Map<AvroSchema, FlatReader | null>();
function flatReaderOf(schema: AvroSchema, fields: FlatFields): FlatReader | null {
  let reader = flatReaders.get(schema);
  if (reader === undefined) flatReaders.set(schema, (reader = compileFlatReader(schema, fields)));
  return reader;
}

interface OpenStore {
  readonly spec: StoreSpec;
  store: StateStore<unknown>;
  /** The changelog as bytes: what a restart has to live on. */
  readonly changelog: Map<string, Buffer>;
}

/** A row as a fetched batch holds it: among others. */
export function lyingRow(key: string, value: Buffer | null): LyingRow {
  const keyFrom = 3;
  const bytes = Buffer.concat([
    Buffer.alloc(keyFrom),
    Buffer.from(key, 'utf8'),
    Buffer.alloc(2),
    value ?? Buffer.alloc(0),
    Buffer.alloc(1),
  ]);
  const keyTo = keyFrom + Buffer.byteLength(key, 'utf8');
  return { bytes, keyFrom, keyTo, from: value === null ? -1 : keyTo + 2, to: bytes.length - 1 };
}

/**
 * A stage without Kafka: the topology's own handlers and stores, synchronous, with commits, roll-backs and restarts that
 * go through the changelog's Avro bytes.
 */
export class TestStage {
  readonly emissions: Emission[] = [];
  readonly outcomes: Outcome[] = [];
  nowMs: number;
  changelogRecords = 0;
  changelogBytes = 0;
  #topology: Topology;
  readonly #stores = new Map<string, OpenStore>();
  readonly #encode = createWireEncoder();
  #pending: Emission[] = [];
  #restoredAtMs: number;
  #offset = 0;
  #uncommitted = 0;

  constructor(topology: Topology, nowMs: number) {
    this.#topology = topology;
    this.nowMs = nowMs;
    this.#restoredAtMs = nowMs;
    for (const [name, spec] of Object.entries(topology.stores)) this.#stores.set(name, { spec, store: spec.open(), changelog: new Map() });
  }

  /** Handles readings as one batch and commits it. Task time is that of the latest arrival, and never moves back. */
  pipe(...readings: readonly ReadingAccepted[]): this {
    return this.handle(...readings).commit();
  }

  handle(...readings: readonly ReadingAccepted[]): this {
    for (const reading of readings) {
      this.nowMs = Math.max(this.nowMs, reading.receivedAt);
      this.#handle(topics.vitalsReadingAccepted.name, reading.patientToken, reading);
    }
    return this;
  }

  register(patient: Partial<PatientChanged> & { readonly patientToken: string }): this {
    this.#handle(topics.patientChanged.name, patient.patientToken, {
      birthDate: null,
      sex: 'unknown',
      zip: null,
      changedAt: 0,
      ...patient,
    });
    return this.commit();
  }

  unregister(patientToken: string): this {
    this.#handle(topics.patientChanged.name, patientToken, null);
    return this.commit();
  }

  /** The short way, where the source has one: as the engine, tried first, on the bytes of the value. */
  #goesQuietly(
    source: Source<never> | undefined,
    { value, offset, timestamp }: { value: unknown; offset: number; timestamp: number },
  ): boolean {
    if (source?.quick === undefined) return false;
    const { fields, handle } = source.quick as unknown as QuickWay<Stores>;
    const bytes = Buffer.from(this.#encode(1, codecOf(source.topic.schema).write, value as object));
    const values = flatValuesOf(fields);
    const isRead = flatReaderOf(source.topic.schema, fields)?.(bytes, wireHeaderBytes, bytes.length, values) ?? false;
    return isRead && handle({ offset, timestamp, bytes, ...values }, this.#context());
  }

  #handle(topic: string, key: string, value: unknown): Outcome {
    const source = this.#topology.sources.find((candidate) => candidate.topic.name === topic);
    const handle = source?.handle as unknown as Handler<unknown, Stores>;
    const offset = this.#offset++;
    const origin = { topic, partition: 0, offset, timestamp: this.nowMs };
    const record = { topic, partition: 0, offset, timestamp: this.nowMs, key, value, origin, whole: () => value };
    const outcome = this.#goesQuietly(source, record) ? processed() : handle(record, this.#context());
    this.outcomes.push(outcome);
    this.#uncommitted++;
    if (outcome.disposition === 'processed' || outcome.disposition === 'late') this.#pending.push(...outcome.emissions);
    return outcome;
  }

  /** Lets time pass without readings: ticks once a second, each committed. */
  idle(forMs: number, { stepMs = 1000, caughtUp = true }: { stepMs?: number; caughtUp?: boolean } = {}): this {
    const until = this.nowMs + forMs;
    while (this.nowMs < until) {
      this.nowMs += stepMs;
      this.tick(caughtUp);
    }
    return this;
  }

  tick(caughtUp = true): this {
    const onTick = this.#topology.onTick as TickHandler<Stores>;
    this.#pending.push(...onTick({ nowMs: this.nowMs, caughtUp, restoredAtMs: this.#restoredAtMs }, this.#context()));
    return this.commit();
  }

  commit(): this {
    for (const { spec, store, changelog } of this.#stores.values()) {
      for (const { key, value } of store.changes()) {
        this.changelogRecords++;
        if (value === null) {
          changelog.delete(key);
          continue;
        }
        const bytes = this.#encode(1, spec.write ?? codecOf(spec.schema).write, value);
        this.changelogBytes += bytes.length + key.length;
        changelog.set(key, Buffer.from(bytes));
      }
      store.merge();
    }
    this.emissions.push(...this.#pending.splice(0));
    this.#uncommitted = 0;
    return this;
  }

  /** As after a failed commit: nothing of the open batch happened. */
  rollback(): this {
    for (const { store } of this.#stores.values()) store.rollback();
    this.outcomes.length -= this.#uncommitted;
    this.#uncommitted = 0;
    this.#pending = [];
    return this;
  }

  /** A new process, perhaps with other settings: all it knows comes from the changelogs. */
  restart(topology = this.#topology): this {
    this.#topology = topology;
    for (const open of this.#stores.values()) {
      const { read } = codecOf(open.spec.schema);
      open.store = open.spec.open((bytes, from, to) => read(bytes, from + wireHeaderBytes, to));
      for (const [key, bytes] of open.changelog) {
        if (open.store.keep?.(lyingRow(key, bytes)) !== true) open.store.restore(key, read(bytes, wireHeaderBytes));
      }
    }
    this.#restoredAtMs = this.nowMs;
    return this;
  }

  /** A stage that goes on from both as a cutover leaves them; of what it emits the live stage's readers see all. */
  static cutOver(topology: Topology, { live, run }: { live: TestStage; run: TestStage }, adoption: Adoption<never>): TestStage {
    const next = new TestStage(topology, live.nowMs);
    const [ours, theirs] = [live.restart(), run.restart()];
    const lastTold = ours.windows().at(-1) ?? null;
    const sides = { live: ours.#context().stores, run: theirs.#context().stores, nowMs: live.nowMs, lastTold };
    const { emissions, unsettled } = adoption.reconcile(sides as never);
    if (unsettled > 0) throw new Error(`${unsettled} keys are not settled`);
    run.commit();
    for (const [name, { changelog }] of next.#stores) {
      for (const [key, bytes] of ours.#stores.get(name)?.changelog ?? []) {
        if (adoption.keeps(name, key, sides.run as never)) changelog.set(key, bytes);
      }
      for (const [key, bytes] of theirs.#stores.get(name)?.changelog ?? []) changelog.set(key, bytes);
    }
    next.emissions.push(...emissions);
    return next.restart();
  }

  #context() {
    const stores = Object.fromEntries([...this.#stores].map(([name, { store }]) => [name, store.view]));
    return { stores, nowMs: this.nowMs, partition: 0 };
  }

  /** Rows that the changelogs hold. */
  rows(store: string): readonly string[] {
    return [...(this.#stores.get(store)?.changelog.keys() ?? [])];
  }

  /** What they hold, by key, as hexadecimal digits. */
  contents(store: string): Readonly<Record<string, string>> {
    const { changelog } = this.#stores.get(store) as OpenStore;
    return Object.fromEntries([...changelog].map(([key, bytes]) => [key, bytes.toString('hex')]));
  }

  #read<Value>(topic: string): Value[] {
    return this.emissions.filter((emission) => emission.topic.name === topic).map(({ value }) => value as Value);
  }

  get dispositions(): readonly Disposition[] {
    return this.outcomes.map(({ disposition }) => disposition);
  }

  windows(): WindowClosed[] {
    return this.#read(topics.vitalsWindowClosed.name);
  }

  updates(): WindowClosed[] {
    return this.#read(topics.vitalsWindowUpdated.name);
  }

  late(): ReadingAccepted[] {
    return this.#read(topics.vitalsReadingLate.name);
  }

  alerts(): AlertRaised[] {
    return this.#read(topics.alertRaised.name);
  }

  /** `raised limit-low heart_rate critical`, in order: what tests mostly ask of alerts. */
  alertTexts(): string[] {
    return this.alerts().map(({ change, rule, vital, severity }) => [change, rule, vital ?? '-', severity].join(' '));
  }
}
