import { topics, type AlertRaised, type ReadingAccepted, type Topic, type WindowClosed } from '@vigil/contracts';
import { createValueDecoder, originFromHeaders, unresolvedIds, type KafkaClient } from '@vigil/kafka';
import { query } from '../fleet/fleet.ts';
import { readTopic, type LoggedRecord } from '../fleet/read-topic.ts';
import type { Outcome, SeenAlert, SeenReading } from './outcome.ts';
import type { ChaosMessage, Workload } from './workload.ts';
import type { World } from './world.ts';

const { vitalsReadingReceived, vitalsReadingAccepted, vitalsReadingLate, vitalsWindowClosed, alertRaised, deidReadingAccepted } = topics;
const deadLetters = `${vitalsReadingReceived.name}.device-ingest.dlq`;
const watched = [
  vitalsReadingReceived.name,
  vitalsReadingAccepted.name,
  vitalsReadingLate.name,
  vitalsWindowClosed.name,
  alertRaised.name,
  deidReadingAccepted.name,
  deadLetters,
] as const;

/** Where every topic ended before a workload was sent: what comes after it is of this workload. */
export type StartMarks = ReadonlyMap<string, readonly number[]>;

export async function markStart({ admin }: KafkaClient): Promise<StartMarks> {
  const marks = new Map<string, readonly number[]>();
  for (const topic of watched) marks.set(topic, await admin.stableOffsets(topic));
  return marks;
}

const placeOf = (partition: number, offset: number): string => `${partition}/${offset}`;
const wireIdentity = (key: string, value: Buffer | null): string => `${key}\n${value === null ? 'null' : value.toString('latin1')}`;

interface Sources {
  readonly world: World;
  readonly client: KafkaClient;
  readonly marks: StartMarks;
  readonly workload: Workload;
  /** The workload's messages and what a fault sent besides. */
  readonly messages: readonly ChaosMessage[];
}

async function decoded<Value>(records: readonly LoggedRecord[], { schema }: Topic<Value>, { registry }: World) {
  const missing = unresolvedIds(
    records.map(({ record }) => record.value),
    registry,
  );
  for (const id of missing) await registry.schemaOf(id);
  const decode = createValueDecoder(schema, registry);
  return records.flatMap(({ partition, record }) =>
    record.value === null ? [] : [{ partition, offset: record.offset, value: decode(record.value) as Value }],
  );
}

/** Message ids by where they stand on the received topic. */
function identify(records: readonly LoggedRecord[], messages: readonly ChaosMessage[]): Map<string, ChaosMessage> {
  const known = new Map(messages.map((message) => [wireIdentity(message.key, message.value), message]));
  const found = new Map<string, ChaosMessage>();
  for (const { partition, record } of records) {
    const message = known.get(wireIdentity(record.key?.toString() ?? '', record.value));
    if (message) found.set(placeOf(partition, record.offset), message);
  }
  return found;
}

async function storedIds({ env }: World, workload: Workload): Promise<string[]> {
  const rows = await query<{ device_id: string; at: string }>(
    env.databaseUrl,
    `SELECT device_id, (extract(epoch FROM observed_at) * 1000)::bigint AS at FROM clinical.vital_reading WHERE starts_with(device_id, $1)`,
    [`MON_${workload.name}_`],
  );
  return rows.map(({ device_id: deviceId, at }) => workload.idOf(deviceId, Number(at)));
}

async function warehouseRows({ env }: World, starts: readonly number[]): Promise<Outcome['warehouse']> {
  const [row] = await query<{ rows: string; readings: string }>(
    env.warehouseUrl,
    `SELECT count(*) AS rows, count(DISTINCT reading_id) AS readings FROM warehouse.fact_vital_reading
     WHERE src_topic = $1 AND src_offset >= ($2::bigint[])[src_partition + 1]`,
    [deidReadingAccepted.name, starts],
  );
  return { rows: Number(row?.rows), readings: Number(row?.readings) };
}

/** Alerts with a page that the stand-in for PagerDuty answered with 202, by its own log. */
async function pagedAlerts({ env }: World): Promise<Set<string>> {
  const answer = (await (await fetch(`${env.pagerUrl}/accepted`)).json()) as { accepted: { message: Record<string, unknown> }[] };
  const incidents = new Set(
    answer.accepted.flatMap(({ message }) => {
      const key = message['event_action'] === 'trigger' ? message['dedup_key'] : undefined;
      return typeof key === 'string' ? [key.slice(0, key.lastIndexOf('-'))] : [];
    }),
  );
  const rows = await query<{ alert_id: string; incident_id: string }>(
    env.databaseUrl,
    `SELECT alert_id, incident_id FROM alerting.incident`,
  );
  return new Set(rows.filter(({ incident_id: id }) => incidents.has(id)).map(({ alert_id: alertId }) => alertId));
}

/** What came out, with the messages that stand on the received topic. */
export interface Observed extends Outcome {
  readonly receivedMessages: readonly ChaosMessage[];
}

/** Reads what the fleet made of a workload: topics read_committed, tables, the provider's log. */
export async function observeOutcome({ world, client, marks, workload, messages }: Sources): Promise<Observed> {
  const since = (topic: string): Promise<LoggedRecord[]> => readTopic(client, topic, marks.get(topic));
  const byPlace = identify(await since(vitalsReadingReceived.name), messages);
  const ours = (deviceId: string): boolean => deviceId.startsWith(`MON_${workload.name}_`);
  const readings = await decoded<ReadingAccepted>(await since(vitalsReadingAccepted.name), vitalsReadingAccepted, world);
  const producerOf = new Map(readings.map(({ value }) => [value.patientToken, value.deviceId]));
  const accepted = readings.map(({ partition, offset, value }): SeenReading => {
    const id = ours(value.deviceId) ? workload.idOf(value.deviceId, value.observedAt) : `${value.deviceId}:?`;
    return { id, producer: value.deviceId, seq: Number(id.slice(id.lastIndexOf(':') + 1)), place: placeOf(partition, offset) };
  });
  const quarantined = (await since(deadLetters)).map(({ record }) => {
    const origin = originFromHeaders(record.headers());
    return origin === null ? undefined : byPlace.get(placeOf(origin.partition, origin.offset))?.id;
  });
  const windows = await decoded<WindowClosed>(await since(vitalsWindowClosed.name), vitalsWindowClosed, world);
  const alerts = await decoded<AlertRaised>(await since(alertRaised.name), alertRaised, world);
  return {
    receivedMessages: [...byPlace.values()],
    received: [...byPlace.values()].map(({ id }) => id),
    accepted,
    quarantined,
    late: (await since(vitalsReadingLate.name)).length,
    stored: await storedIds(world, workload),
    warehouse: await warehouseRows(world, marks.get(deidReadingAccepted.name) ?? []),
    windows: windows.map(({ value }) => `${value.windowId} revision ${value.revision}`),
    alerts: alerts.map(({ value: { alertId, patientToken, rule, vital, change } }): SeenAlert => ({
      alertId,
      producer: producerOf.get(patientToken),
      rule,
      vital,
      change,
    })),
    pagedAlerts: await pagedAlerts(world),
  };
}
