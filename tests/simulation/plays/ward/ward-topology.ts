import type { AvroSchema, Topic } from '@vigil/contracts';
import { duplicate, emit, emitAggregate, late, processed, rejected, suppressed, type Emission, type Outcome } from '@vigil/core';
import {
  advanceWatermark,
  defineTopology,
  isFinal,
  isIdleAt,
  keyedStore,
  sink,
  source,
  windowStartOf,
  type Handler,
  type KeyedView,
  type TickHandler,
} from '@vigil/kafka';

/** What a simulated record is meant to run into. */
export const kinds = { sound: 0, malformed: 1, faulty: 2, withheld: 3 } as const;

export interface Sample {
  readonly id: number;
  readonly eventMs: number;
  readonly value: number;
  readonly kind: number;
}

export interface Accepted {
  readonly id: number;
  /** How many records of its patient were accepted up to this one: a record handled twice, or state lost, shows. */
  readonly count: number;
  readonly eventMs: number;
  readonly isLate: number;
  readonly retained: number;
  /** From which value on an alarm was due, by the table. */
  readonly limit: number;
  readonly origin: number;
  readonly offset: number;
}

export interface ClosedWindow {
  readonly startMs: number;
  readonly revision: number;
  readonly count: number;
  readonly sum: number;
}

/** A row of the table of limits. */
export interface Limit {
  readonly critical: number;
}

export interface Alarm {
  readonly id: number;
}

interface Pane {
  readonly startMs: number;
  count: number;
  sum: number;
  /** Of the next result; 0 = none was given. */
  revision: number;
}

export interface Patient {
  count: number;
  watermark: number;
  processedMs: number;
  seen: number[];
  panes: Pane[];
}

export const timing = { windowMs: 60_000, outOfOrdernessMs: 5_000, graceMs: 10_000, idleMs: 20_000, criticalValue: 95 } as const;

const field = (name: string, type: unknown = 'long') => ({ name, type });
const record = (name: string, ...fields: readonly (string | ReturnType<typeof field>)[]): AvroSchema => ({
  type: 'record',
  name,
  fields: fields.map((each) => (typeof each === 'string' ? field(each) : each)),
});
const topic = <Value>(name: string, schema: AvroSchema, over: Partial<Topic<Value>> = {}): Topic<Value> => ({
  name,
  key: 'patient',
  schema,
  format: 'avro',
  partitions: 'chain',
  retentionMs: 1,
  cleanup: 'delete',
  timestamps: 'create',
  maxMessageBytes: 1_000_000,
  phi: false,
  writers: [],
  readers: [],
  tableReaders: [],
  ...over,
});

const sampleSchema = record('Sample', 'id', 'eventMs', 'value', 'kind');
const paneSchema = record('Pane', 'startMs', 'count', 'sum', 'revision');
const longs = { type: 'array', items: 'long' };
const panes = { type: 'array', items: paneSchema };
export const patientSchema = record('Patient', 'count', 'watermark', 'processedMs', field('seen', longs), field('panes', panes));

/** Two sources of the same patients: their tasks must be one. */
export const bedside = topic<Sample>('bedside', sampleSchema);
export const upload = topic<Sample>('upload', sampleSchema);
export const sources = [bedside, upload] as const;
/** A table that every instance reads whole. */
export const limits = topic<Limit>('limits', record('Limit', 'critical'), { cleanup: 'compact' });
export const criticalName = 'critical';
export const accepted = topic<Accepted>(
  'accepted',
  record('Accepted', 'id', 'count', 'eventMs', 'isLate', 'retained', 'limit', 'origin', 'offset'),
);
export const windows = topic<ClosedWindow>('windows', record('ClosedWindow', 'startMs', 'revision', 'count', 'sum'));
export const alarms = topic<Alarm>('alarms', record('Alarm', 'id'));

interface Stores {
  readonly patients: KeyedView<Patient>;
  readonly limits: ReadonlyMap<string, unknown>;
}

const noPatient = (): Patient => ({ count: 0, watermark: -1, processedMs: 0, seen: [], panes: [] });

function closePane(key: string, pane: Pane): Emission {
  return emitAggregate(windows, key, { startMs: pane.startMs, revision: pane.revision++, count: pane.count, sum: pane.sum });
}

const markOf = ({ watermark }: Patient) => ({ maxEventTimeMs: watermark < 0 ? null : watermark });

/** The pane of an event, updated; what it closes; and whether its window was final before it came. */
function addToWindows(key: string, patient: Patient, { eventMs, value }: Sample): { isLate: boolean; closed: Emission[] } {
  const startMs = windowStartOf(eventMs, timing.windowMs);
  const isLate = isFinal(startMs + timing.windowMs, markOf(patient), timing);
  let pane = patient.panes.find((each) => each.startMs === startMs);
  if (!pane) patient.panes.push((pane = { startMs, count: 0, sum: 0, revision: 0 }));
  pane.count++;
  pane.sum += value;
  patient.watermark = advanceWatermark(markOf(patient), eventMs).maxEventTimeMs ?? -1;
  const wasClosed = pane.revision > 0;
  const due = patient.panes.filter((each) => each.revision === 0 && isFinal(each.startMs + timing.windowMs, markOf(patient), timing));
  return { isLate, closed: [...(wasClosed ? [pane] : []), ...due].map((each) => closePane(key, each)) };
}

const handle =
  (origin: number): Handler<Sample, Stores> =>
  ({ key, value: sample, origin: { offset } }, { stores, nowMs }): Outcome => {
    const name = key ?? '';
    if (sample.kind === kinds.malformed) return rejected('BAD_SHAPE');
    if (sample.kind === kinds.withheld) return suppressed('withheld');
    const patient = stores.patients.edit(name, noPatient);
    if (patient.seen.includes(sample.id)) return duplicate;
    patient.seen.push(sample.id);
    patient.count++;
    patient.processedMs = nowMs;
    const limit = (stores.limits.get(criticalName) as Limit | undefined)?.critical ?? timing.criticalValue;
    const { isLate, closed } = addToWindows(name, patient, sample);
    // Thrown when the state is changed already: a half of it must not stay.
    if (sample.kind === kinds.faulty) throw new RangeError('a fault of our own code');
    const told = {
      id: sample.id,
      count: patient.count,
      eventMs: sample.eventMs,
      isLate: Number(isLate),
      retained: sample.value,
      limit,
      origin,
      offset,
    };
    const emissions = [emit(accepted, name, told), ...(sample.value >= limit ? [emit(alarms, name, { id: sample.id })] : []), ...closed];
    return isLate ? late(true, emissions) : processed(emissions);
  };

const closeIdle: TickHandler<Stores> = ({ nowMs, caughtUp, restoredAtMs }, { stores }) => {
  const closed: Emission[] = [];
  for (const key of stores.patients.keys()) {
    const { panes: held, processedMs } = stores.patients.get(key) as Patient;
    const isDue = ({ startMs, revision }: Pane): boolean =>
      revision === 0 &&
      isIdleAt(startMs + timing.windowMs, { nowMs, lastProcessedAtMs: processedMs, restoredAtMs, caughtUp }, timing.idleMs);
    if (!held.some(isDue)) continue;
    for (const pane of stores.patients.edit(key, noPatient).panes) if (isDue(pane)) closed.push(closePane(key, pane));
  }
  return closed;
};

/** Every facility of the engine in one stage: dedupe, watermarks, windows, corrections, alarms, a table, idle close, quarantine. */
export const ward = defineTopology({
  name: 'ward',
  stores: {
    patients: keyedStore<Patient>({
      schema: patientSchema,
      clone: (patient) => ({ ...patient, seen: [...patient.seen], panes: patient.panes.map((pane) => ({ ...pane })) }),
    }),
  },
  tables: { limits: { topic: limits } },
  sources: sources.map((each, origin) => source(each, handle(origin))),
  sinks: [sink(accepted), sink(windows), sink(alarms, 'key')],
  onTick: closeIdle,
});
