import { dlqTopicOf, topics, type AlertRaised, type ReadingAccepted, type WindowClosed, type Topic } from '@vigil/contracts';
import { eventIdOf, VigilError } from '@vigil/core';
import { createValueDecoder, offsetsSince, originFromHeaders, readStretch, schemaIdOf, headerNames, textHeader, type FetchedRecord, type KafkaClient, type SchemaRegistry } from '@vigil/kafka'; // prettier-ignore
import type { Place, Trace, TraceStep } from './trace-steps.ts';
import type { TracedRecords } from './warehouse-rows.ts';

/** An incident of an alert as it stands, without its addresses. */
export interface IncidentState {
  readonly incidentId: string;
  readonly state: string;
  readonly acceptedBy: readonly string[];
}

/** What the operational database knows. */
export interface TraceRows {
  /** Where the accepted record of an event stands; null = no row. */
  readonly readingOf: (eventId: string) => Promise<Place | null>;
  readonly incidentOf: (alertId: string) => Promise<IncidentState | null>;
}

export interface TraceSources {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly rows: TraceRows;
  /** Rows of the warehouse, where somebody gave a reason to be shown them; called only for a reading that was found. */
  readonly warehouse?: (place: Place, records: TracedRecords) => Promise<readonly TraceStep[]>;
}

/** Without the dataset key nobody can go from its row to a patient, or back. */
const unlinked: TraceStep = {
  step: 'end',
  state: 'warehouse',
  note: 'not linkable without the dataset key: --reveal --reason TEXT; `vigil ledger --topic deid.vitals.reading.accepted.v1` accounts for it',
};

/** What a reading becomes is looked for so long after its arrival: a window closes within minutes, a correction later. */
const horizonMs = 6 * 3_600_000;

const received = topics.vitalsReadingReceived.name;
const group = 'device-ingest';

async function recordAt({ client }: TraceSources, { topic, partition, offset }: Place): Promise<FetchedRecord | null> {
  const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
  const end = ends[partition];
  if (end === undefined) throw new VigilError('BAD_USAGE', { detail: `${topic} has no partition ${partition}.` });
  if (offset < (starts[partition] ?? 0) || offset >= end) return null;
  let found: FetchedRecord | null = null;
  await readStretch(client, { topic, partition, from: offset, end: offset + 1 }, (record) => {
    found = record;
  });
  return found;
}

async function decoded<Value>({ registry }: TraceSources, topic: Topic<Value>, value: Buffer): Promise<Value> {
  const id = schemaIdOf(value);
  if (id !== null) await registry.schemaOf(id);
  return createValueDecoder(topic.schema, registry)(value) as Value;
}

interface Found<Value> {
  readonly place: Place;
  readonly value: Value;
}

/** The records of one key in one partition, from `sinceMs` to the horizon. */
async function ofKey<Value>(
  sources: TraceSources,
  topic: Topic<Value>,
  { partition, key, sinceMs }: { readonly partition: number; readonly key: string; readonly sinceMs: number },
): Promise<readonly Found<Value>[]> {
  const { client } = sources;
  const [from, ends] = await Promise.all([offsetsSince(client, topic.name, sinceMs), client.admin.stableOffsets(topic.name)]);
  const hits: { offset: number; bytes: Buffer }[] = [];
  const wanted = Buffer.from(key, 'utf8');
  await readStretch(client, { topic: topic.name, partition, from: from[partition] ?? 0, end: ends[partition] ?? 0 }, (record) => {
    if (record.timestamp > sinceMs + horizonMs) return 'enough';
    // A copy: the fetched buffer is not kept.
    if (record.value && record.key?.equals(wanted)) hits.push({ offset: record.offset, bytes: Buffer.from(record.value) });
    return undefined;
  });
  return Promise.all(
    hits.map(async ({ offset, bytes }) => ({
      place: { topic: topic.name, partition, offset },
      value: await decoded(sources, topic, bytes),
    })),
  );
}

/** The device's record of an event, among those that the broker took in the same millisecond. */
async function deviceRecordOf({ client }: TraceSources, eventId: string, receivedAt: number): Promise<Place | null> {
  const [from, ends] = await Promise.all([
    offsetsSince(client, received, receivedAt, { slackMs: 0 }),
    client.admin.stableOffsets(received),
  ]);
  for (const [partition, end] of ends.entries()) {
    let found: Place | null = null;
    await readStretch(client, { topic: received, partition, from: from[partition] ?? 0, end }, ({ offset, timestamp }) => {
      if (timestamp > receivedAt) return 'enough';
      if (eventIdOf({ topic: received, partition, offset }) !== eventId) return undefined;
      found = { topic: received, partition, offset };
      return 'enough';
    });
    if (found) return found;
  }
  return null;
}

/** What device-ingest did with a record that has no accepted reading. */
async function whyNotAccepted({ client }: TraceSources, origin: Place, sinceMs: number): Promise<TraceStep> {
  const position = (await client.admin.committed(group, [received])).find(({ partition }) => partition === origin.partition);
  if ((position?.offset ?? 0) <= origin.offset) return { step: 'end', state: 'waiting', note: `${group} has not reached it` };
  const topic = dlqTopicOf(received, group);
  const [from, ends] = await Promise.all([offsetsSince(client, topic, sinceMs), client.admin.stableOffsets(topic)]);
  for (const [partition, end] of ends.entries()) {
    let found: TraceStep | null = null;
    await readStretch(client, { topic, partition, from: from[partition] ?? 0, end }, (record) => {
      const headers = record.headers();
      const stood = originFromHeaders(headers);
      if (stood?.topic !== origin.topic || stood.partition !== origin.partition || stood.offset !== origin.offset) return undefined;
      const state = textHeader(headers, headerNames.errorCode) ?? 'unknown code';
      found = { step: 'quarantine', place: { topic, partition, offset: record.offset }, state };
      return 'enough';
    });
    if (found) return found;
  }
  return { step: 'end', state: 'duplicate or not stored yet', note: `${group} passed it and made no reading of it` };
}

async function alertSteps(sources: TraceSources, { place, value }: Found<AlertRaised>): Promise<readonly TraceStep[]> {
  const alert: TraceStep = { step: 'alert', place, id: value.alertId, state: value.change };
  const incident = await sources.rows.incidentOf(value.alertId);
  if (!incident) return [alert, { step: 'end', state: 'no incident', note: 'alert-router has not stored it' }];
  const note = incident.acceptedBy.length > 0 ? `accepted by ${incident.acceptedBy.join(', ')}` : 'accepted by no provider';
  return [alert, { step: 'page', id: incident.incidentId, state: incident.state, note }];
}

/** `heart_rate` → `heartRate`: windows name a vital like its column. */
const fieldOf = (vital: string): keyof ReadingAccepted =>
  vital.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof ReadingAccepted;

async function follow(sources: TraceSources, place: Place, reading: ReadingAccepted): Promise<readonly TraceStep[]> {
  const where = { partition: place.partition, key: reading.patientToken, sinceMs: reading.receivedAt };
  const late = await ofKey(sources, topics.vitalsReadingLate, where);
  const windows = await ofKey(sources, topics.vitalsWindowClosed, where);
  const alerts = await ofKey(sources, topics.alertRaised, where);
  const holds = ({ vital, windowStart, sizeMs }: WindowClosed): boolean =>
    reading[fieldOf(vital)] !== null && windowStart <= reading.observedAt && reading.observedAt < windowStart + sizeMs;
  const held = windows.filter(({ value }) => holds(value));
  const raised = alerts.filter(({ value }) => value.change === 'raised' && value.raisedAt === reading.observedAt);
  return [
    ...late.filter(({ value }) => value.eventId === reading.eventId).map((one): TraceStep => ({ step: 'late', place: one.place })),
    ...held.map((one): TraceStep => ({
      step: 'window',
      place: one.place,
      id: one.value.windowId,
      state: `revision ${one.value.revision}`,
    })),
    ...(await Promise.all(raised.map((alert) => alertSteps(sources, alert)))).flat(),
    ...(sources.warehouse
      ? await sources.warehouse(place, { reading, windows: held.map(({ value }) => value), alerts: raised.map(({ value }) => value) })
      : [unlinked]),
  ];
}

async function traceAccepted(sources: TraceSources, place: Place): Promise<Trace> {
  const record = await recordAt(sources, place);
  if (!record?.value) {
    return {
      eventId: null,
      found: false,
      steps: [{ step: 'end', place, state: 'gone', note: 'retention has deleted it, or no record stands there' }],
    };
  }
  const reading = await decoded(sources, topics.vitalsReadingAccepted, record.value);
  const { eventId } = reading;
  const origin = await deviceRecordOf(sources, eventId, reading.receivedAt);
  const row = await sources.rows.readingOf(eventId);
  const steps: TraceStep[] = [
    origin ? { step: 'received', place: origin } : { step: 'received', note: 'no longer kept, or requeued' },
    { step: 'accepted', place, id: eventId },
    { step: 'operational row', state: row ? 'stored' : 'not stored yet' },
    ...(await follow(sources, place, reading)),
  ];
  return { eventId, found: true, steps };
}

/** Follows what a device sent, by where it stands. */
async function traceReceived(sources: TraceSources, place: Place): Promise<Trace> {
  const record = await recordAt(sources, place);
  if (!record) return { eventId: null, found: false, steps: [{ step: 'end', place, state: 'gone', note: 'retention has deleted it, or no record stands there' }] }; // prettier-ignore
  const eventId = eventIdOf(place);
  const accepted = await sources.rows.readingOf(eventId);
  if (accepted) return traceAccepted(sources, accepted);
  const why = await whyNotAccepted(sources, place, record.timestamp);
  return { eventId, found: true, steps: [{ step: 'received', place }, why] };
}

/** Follows an accepted reading by its event id. */
export async function traceEvent(sources: TraceSources, eventId: string): Promise<Trace> {
  const place = await sources.rows.readingOf(eventId);
  if (place) return traceAccepted(sources, place);
  return { eventId, found: false, steps: [{ step: 'end', state: 'unknown', note: 'the operational database has no reading of this id' }] };
}

/**
 * Follows a record of the device topic or of the accepted readings.
 *
 * @throws VigilError BAD_USAGE for another topic or a partition that does not exist
 */
export function tracePlace(sources: TraceSources, place: Place): Promise<Trace> {
  if (place.topic === received) return traceReceived(sources, place);
  if (place.topic === topics.vitalsReadingAccepted.name) return traceAccepted(sources, place);
  throw new VigilError('BAD_USAGE', { detail: `--topic takes ${received} or ${topics.vitalsReadingAccepted.name}.` });
}
