import { expect, test } from '@jest/globals';
import { bindEvents } from './bind-events.ts';
import { createMetrics } from './create-metrics.ts';
import { defineEvents, event } from './define-events.ts';
import { field } from './event-fields.ts';

const definition = defineEvents('bed-watcher', {
  dropped: event({
    level: 'warn',
    message: 'records were dropped',
    fields: { topic: field.topic(), reason: field.oneOf('old', 'odd'), records: field.count() },
    metric: { kind: 'counter', name: 'vigil_dropped_records_total', help: 'Dropped.', labels: ['topic', 'reason'], by: 'records' },
  }),
  looked: event({
    level: 'none',
    message: 'looked',
    fields: { tookMs: field.durationMs(), beds: field.count(), waitedMs: field.durationMs() },
    metrics: [
      { kind: 'histogram', name: 'vigil_look_seconds', help: 'Look.', value: 'tookMs', buckets: [0.1, 1] },
      { kind: 'histogram', name: 'vigil_look_milliseconds', help: 'Look.', value: 'tookMs', buckets: [100] },
      { kind: 'gauge', name: 'vigil_beds', help: 'Beds.', value: 'beds' },
      { kind: 'gauge', name: 'vigil_wait_seconds', help: 'Wait.', value: 'waitedMs' },
      { kind: 'counter', name: 'vigil_looks_total', help: 'Looks.' },
    ],
  }),
  woke: event({ level: 'info', message: 'woke up', fields: {} }),
});

const bound = () => {
  const lines: unknown[] = [];
  const metrics = createMetrics('bed-watcher');
  const events = bindEvents(definition, { write: (level, message, fields) => lines.push({ level, message, ...fields }), metrics });
  return { lines, metrics, events };
};

test('an event is one log line and moves its metric', async () => {
  const { lines, metrics, events } = bound();

  events.dropped({ topic: 'vitals.reading.accepted.v1', reason: 'old', records: 3 });
  events.woke({});

  expect(lines).toEqual([
    { level: 'warn', message: 'records were dropped', event: 'dropped', topic: 'vitals.reading.accepted.v1', reason: 'old', records: 3 },
    { level: 'info', message: 'woke up', event: 'woke' },
  ]);
  expect(await metrics.expose()).toContain(
    'vigil_dropped_records_total{topic="vitals.reading.accepted.v1",reason="old",service="bed-watcher"} 3',
  );
});

test('an event of level none is only counted, in seconds where the metric says so', async () => {
  const { lines, metrics, events } = bound();

  events.looked({ tookMs: 500, beds: 7, waitedMs: 1500 });

  const text = await metrics.expose();
  expect(lines).toEqual([]);
  expect(text).toContain('vigil_look_seconds_bucket{le="1",service="bed-watcher"} 1');
  expect(text).toContain('vigil_look_seconds_sum{service="bed-watcher"} 0.5');
  expect(text).toContain('vigil_look_milliseconds_sum{service="bed-watcher"} 500');
  expect(text).toContain('vigil_beds{service="bed-watcher"} 7');
  expect(text).toContain('vigil_wait_seconds{service="bed-watcher"} 1.5');
  expect(text).toContain('vigil_looks_total{service="bed-watcher"} 1');
});

test('undeclared fields and values of another kind reach neither log nor metric', async () => {
  const { lines, metrics, events } = bound();
  const payload = { topic: 'Jane Canary, 1950-01-02', reason: 'old', records: Number.NaN, patientName: 'Jane Canary' } as const;

  events.dropped(payload);

  const text = await metrics.expose();
  expect(lines).toEqual([
    { level: 'warn', message: 'records were dropped', event: 'dropped', topic: '(refused)', reason: 'old', records: '(refused)' },
  ]);
  expect(`${JSON.stringify(lines)}${text}`).not.toContain('Canary');
});

test('a field whose values are not few and known cannot be a label', () => {
  const wrong = defineEvents('wrong', {
    read: event({
      level: 'none',
      message: 'read',
      fields: { offset: field.offset() },
      metric: { kind: 'counter', name: 'vigil_reads_total', help: 'Reads.', labels: ['offset'] },
    }),
  });
  expect(() => bindEvents(wrong, { write: () => {}, metrics: createMetrics('wrong') })).toThrow(/offset cannot be a label/);
});

test('the payload type is an allow-list', () => {
  const { events } = bound();
  // @ts-expect-error a word outside the closed set
  events.dropped({ topic: 'some.topic.v1', reason: 'other', records: 1 });
  // @ts-expect-error a missing field
  events.dropped({ topic: 'some.topic.v1', reason: 'old' });
  // @ts-expect-error a field that is not declared
  events.woke({ patientName: 'Jane Canary' });
});
