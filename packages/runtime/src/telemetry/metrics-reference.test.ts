import { expect, test } from '@jest/globals';
import { defineEvents, event } from './define-events.ts';
import { engineEvents } from './engine-events.ts';
import { field } from './event-fields.ts';
import { metricsReference } from './metrics-reference.ts';

test('the reference lists every metric with kind, labels and buckets, and every event of the log', () => {
  const text = metricsReference([engineEvents]);

  expect(text).toContain('## every stage');
  expect(text).toContain(
    '| `vigil_stage_records_total` | counter | `service`, `stage`, `disposition` | Consumed records, by disposition. |',
  );
  expect(text).toContain('- `vigil_stage_record_age_seconds`: 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900');
  expect(text).toContain(
    '| `quarantined` | warn | a record went to quarantine | `stage`, `topic`, `partition`, `offset`, `code`, `attempt` |',
  );
  expect(text).not.toContain('| `recordsHandled` |');
});

test('a source that only logs or only counts has no empty tables', () => {
  const onlyLogs = metricsReference([defineEvents('a', { woke: event({ level: 'info', message: 'woke', fields: {} }) })]);
  const onlyCounts = metricsReference([
    defineEvents('b', {
      seen: event({
        level: 'none',
        message: 'seen',
        fields: { n: field.count() },
        metric: { kind: 'counter', name: 'vigil_seen_total', help: 'Seen.' },
      }),
    }),
  ]);

  expect(onlyLogs).not.toContain('| metric |');
  expect(onlyCounts).not.toContain('| event in the log |');
  expect(onlyCounts).not.toContain('Buckets');
});
