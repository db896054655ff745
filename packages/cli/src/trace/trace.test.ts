import { expect, test } from '@jest/globals';
import { compileWriter, createWireEncoder, dlqTopicOf, topics, type Topic } from '@vigil/contracts';
import { eventIdOf } from '@vigil/core';
import type { RecordHeaders } from '@vigil/kafka';
import { createMemoryFleet, nowMs } from '../../test-support/memory-fleet.ts';
import { traceEvent, tracePlace, type IncidentState, type TraceSources } from './trace-record.ts';
import { traceText } from './trace-steps.ts';

const received = topics.vitalsReadingReceived.name;
const accepted = topics.vitalsReadingAccepted.name;
const origin = { topic: received, partition: 1, offset: 2 };
const eventId = eventIdOf(origin);
const token = 'k1.patient-token';
const observedAt = nowMs - 1000;

const reading = { eventId, patientToken: token, deviceId: 'd-1', observedAt, receivedAt: nowMs, heartRate: 17, excluded: [], flags: [] };
const window = { windowId: 'w-1', patientToken: token, vital: 'heart_rate', windowStart: observedAt - 10, sizeMs: 300_000, revision: 0, closedBy: 'watermark', n: 3, receivedAt: nowMs }; // prettier-ignore
const alert = { alertId: 'a-1', patientToken: token, change: 'raised', rule: 'limit-low', kind: 'physiological', severity: 'critical', raisedAt: observedAt, receivedAt: nowMs, missing: [], flags: [] }; // prettier-ignore

interface World {
  readonly stored?: boolean;
  readonly incident?: IncidentState | null;
}

/** Three messages of a device, the last of which was accepted; `more` writes what became of it. */
async function world({ stored = true, incident = null }: World = {}) {
  const fleet = createMemoryFleet();
  const encode = createWireEncoder();
  const put = async (topic: Topic, value: object, timestamp = nowMs): Promise<void> => {
    const id = fleet.registry.register(topic.schema);
    const producer = await fleet.client.openIdempotentProducer();
    const bytes = encode(id, compileWriter<object>(topic.schema), value);
    await producer.send([{ topic: topic.name, partition: 0, key: Buffer.from((value as typeof reading).patientToken), value: bytes, headers: [], timestamp }]); // prettier-ignore
    await producer.close();
  };
  await fleet.write(received, [Buffer.from('{}'), Buffer.from('{}'), Buffer.from('{}')], { partition: 1 });
  await fleet.client.admin.commitPositions('device-ingest', [{ topic: received, partition: 1, offset: 2, metadata: '' }]);
  await put(topics.vitalsReadingAccepted, reading);
  const sources: TraceSources = {
    client: fleet.client,
    registry: fleet.registry,
    rows: {
      readingOf: async (id) => (stored && id === eventId ? { topic: accepted, partition: 0, offset: 0 } : null),
      incidentOf: async () => incident,
    },
  };
  return { fleet, put, sources };
}

const stepsOf = ({ steps }: { readonly steps: readonly { readonly step: string; readonly state?: string }[] }): string[] =>
  steps.map(({ step, state }) => (state === undefined ? step : `${step}: ${state}`));

test('a reading is followed from the device to window, alert and page, from wherever one begins', async () => {
  const { put, sources } = await world({ incident: { incidentId: 'i-1', state: 'open', acceptedBy: ['pagerduty'] } });
  await put(topics.vitalsWindowClosed, window);
  await put(topics.vitalsWindowClosed, { ...window, windowId: 'another vital', vital: 'temperature_c' });
  await put(topics.vitalsWindowClosed, { ...window, windowId: 'another time', windowStart: observedAt + 1 });
  await put(topics.vitalsWindowClosed, { ...window, patientToken: 'k1.somebody-else' });
  await put(topics.alertRaised, alert);
  await put(topics.alertRaised, { ...alert, alertId: 'of another reading', raisedAt: observedAt - 5 });

  const trace = await tracePlace(sources, origin);
  expect(stepsOf(trace)).toEqual(['received', 'accepted', 'operational row: stored', 'window: revision 0', 'alert: raised', 'page: open', 'end: warehouse']); // prettier-ignore
  expect(trace).toMatchObject({ eventId, found: true, steps: [{ place: origin }, { id: eventId }, {}, { id: 'w-1' }, { id: 'a-1' }, { id: 'i-1' }, {}] }); // prettier-ignore
  expect(await traceEvent(sources, eventId)).toEqual(trace);
  expect(await tracePlace(sources, { topic: accepted, partition: 0, offset: 0 })).toEqual(trace);
  const text = traceText(trace);
  expect(text).toContain(`    page  i-1  open  accepted by pagerduty`);
  for (const word of [token, 'd-1', 'limit-low']) expect(text + JSON.stringify(trace)).not.toContain(word);
});

test('rows of the warehouse are asked for once a reading was found, with what it became', async () => {
  const { put, sources } = await world();
  await put(topics.vitalsWindowClosed, window);
  await put(topics.alertRaised, alert);
  const asked: unknown[] = [];
  const row = { step: 'warehouse row', id: 'r-1', state: 'fact_vital_reading' } as const;
  const warehouse: TraceSources['warehouse'] = async (place, { reading: found, windows, alerts }) => {
    asked.push([place, found.eventId, windows.map(({ windowId }) => windowId), alerts.map(({ alertId }) => alertId)]);
    return [row];
  };

  const trace = await traceEvent({ ...sources, warehouse }, eventId);
  expect(trace.steps.at(-1)).toEqual(row);
  expect(asked).toEqual([[{ topic: accepted, partition: 0, offset: 0 }, eventId, ['w-1'], ['a-1']]]);
  await traceEvent({ ...sources, warehouse }, 'f'.repeat(32));
  expect(asked).toHaveLength(1);
});

test('a late reading, and an alert that nobody has been paged about, are told', async () => {
  const { put, sources } = await world();
  await put(topics.vitalsReadingLate, reading);
  await put(topics.alertRaised, alert);
  const { sources: unpaged, put: putAlert } = await world({ incident: { incidentId: 'i-1', state: 'held', acceptedBy: [] } });
  await putAlert(topics.alertRaised, alert);

  expect(stepsOf(await tracePlace(sources, origin))).toEqual(['received', 'accepted', 'operational row: stored', 'late', 'alert: raised', 'end: no incident', 'end: warehouse']); // prettier-ignore
  expect(traceText(await tracePlace(unpaged, origin))).toContain('accepted by no provider');
});

test('what comes a day later is not looked for', async () => {
  const { put, sources } = await world();
  await put(topics.vitalsWindowClosed, window, nowMs + 86_400_000);

  expect(stepsOf(await tracePlace(sources, origin))).not.toContain('window: revision 0');
});

test('a quarantined record is followed to its place there, with its code', async () => {
  const { fleet, sources } = await world({ stored: false });
  await fleet.client.admin.commitPositions('device-ingest', [{ topic: received, partition: 1, offset: 3, metadata: '' }]);
  const headersOf = (offset: number): RecordHeaders =>
    Object.entries({
      'origin-topic': received,
      'origin-partition': 1,
      'origin-offset': offset,
      'origin-timestamp': nowMs,
      'error-code': 'NOT_JSON',
    }).map(([name, value]) => [`vigil-${name}`, Buffer.from(String(value))] as const);
  for (const offset of [1, 2]) await fleet.write(dlqTopicOf(received, 'device-ingest'), [Buffer.from('{')], { headers: headersOf(offset) });

  expect(await tracePlace(sources, origin)).toMatchObject({
    found: true,
    steps: [{ step: 'received' }, { step: 'quarantine', state: 'NOT_JSON', place: { partition: 0, offset: 1 } }],
  });
});

test('what was not reached yet, and what was a duplicate, end there', async () => {
  const { fleet, sources } = await world({ stored: false });
  expect(stepsOf(await tracePlace(sources, origin))).toEqual(['received', 'end: waiting']);
  expect(stepsOf(await tracePlace(sources, { ...origin, offset: 1 }))).toEqual(['received', 'end: duplicate or not stored yet']);
  await fleet.client.close();
});

test('an unknown event, a place without a record, another topic and a partition that does not exist', async () => {
  const { sources } = await world({ stored: false });

  expect(await traceEvent(sources, 'f'.repeat(32))).toMatchObject({ found: false, eventId: 'f'.repeat(32) });
  expect(stepsOf(await tracePlace(sources, { ...origin, offset: 99 }))).toEqual(['end: gone']);
  expect(stepsOf(await tracePlace(sources, { topic: accepted, partition: 1, offset: 0 }))).toEqual(['end: gone']);
  expect(traceText(await tracePlace(sources, { ...origin, offset: 99 }))).toContain('event (unknown)');
  expect(() => tracePlace(sources, { ...origin, topic: 'vitals.window.closed.v1' })).toThrow('--topic takes');
  await expect(tracePlace(sources, { ...origin, partition: 9 })).rejects.toThrow('has no partition 9');
});

test('a reading whose message is no longer kept is followed from where it is known', async () => {
  const { put, sources, fleet } = await world();
  await put(topics.vitalsReadingAccepted, { ...reading, eventId: 'e'.repeat(32) });

  expect(traceText(await tracePlace(sources, { topic: accepted, partition: 0, offset: 1 }))).toContain('no longer kept, or requeued');
  await fleet.client.close();
});
