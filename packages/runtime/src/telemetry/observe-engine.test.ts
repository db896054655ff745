import { expect, test } from '@jest/globals';
import type { EngineEvent } from '@vigil/kafka';
import type { BatchProcessed } from './batch-tracer.ts';
import { createMetrics } from './create-metrics.ts';
import { observeEngine } from './observe-engine.ts';

const observed = () => {
  const lines: Record<string, unknown>[] = [];
  const spans: BatchProcessed[] = [];
  const metrics = createMetrics('bed-watcher');
  const observer = observeEngine(
    { write: (level, message, fields) => lines.push({ level, message, ...fields }), metrics },
    { batchProcessed: (batch) => spans.push(batch) },
  );
  return { observer, lines, spans, metrics };
};

const stage = 'bed-watcher';
const topic = 'vitals.reading.accepted.v1';

test('a commit is counted by disposition and topic, timed, and traced', async () => {
  const { observer, lines, spans, metrics } = observed();

  observer.on({
    type: 'committed',
    stage,
    partition: 1,
    consumed: 5,
    counts: { processed: 3, late: 0, lateCorrected: 0, duplicate: 2, rejected: 0, suppressed: 0 },
    outputs: { [topic]: 3 },
    changelogRecords: 4,
    commitMs: 20,
    oldestAgeMs: -5,
    traceparents: ['x'],
  });

  const text = await metrics.expose();
  expect(lines).toEqual([expect.objectContaining({ level: 'debug', message: 'committed', partition: 1, oldestAgeMs: 0 })]);
  expect(text).toContain('vigil_stage_records_total{stage="bed-watcher",disposition="processed",service="bed-watcher"} 3');
  expect(text).toContain('vigil_stage_records_total{stage="bed-watcher",disposition="duplicate",service="bed-watcher"} 2');
  expect(text).not.toContain('disposition="late"');
  expect(text).toContain(`vigil_stage_output_records_total{stage="bed-watcher",topic="${topic}",service="bed-watcher"} 3`);
  expect(text).toContain('vigil_stage_commit_seconds_sum{service="bed-watcher",stage="bed-watcher"} 0.02');
  expect(text).toContain('vigil_stage_changelog_records_total{stage="bed-watcher",service="bed-watcher"} 4');
  expect(spans).toEqual([expect.objectContaining({ partition: 1, consumed: 5, traceparents: ['x'] })]);
});

test.each<[EngineEvent, string, Record<string, unknown>]>([
  [{ type: 'quarantined', stage, topic, partition: 0, offset: 9, code: 'NOT_JSON', attempt: 1 }, 'warn', { offset: 9, code: 'NOT_JSON' }],
  [
    { type: 'processor-failed', stage, topic, partition: 0, offset: 9, attempt: 2, errorName: 'TypeError' },
    'error',
    { attempt: 2, errorName: 'TypeError' },
  ],
  [{ type: 'task-restored', stage, partition: 0, records: 10, durationMs: 5 }, 'info', { records: 10 }],
  [{ type: 'task-kept', stage, partition: 0 }, 'info', { partition: 0 }],
  [{ type: 'task-closed', stage, partition: 0, reason: 'fenced' }, 'info', { reason: 'fenced' }],
  [{ type: 'fenced', stage, partition: 0, refusal: 'INVALID_PRODUCER_EPOCH' }, 'warn', { refusal: 'INVALID_PRODUCER_EPOCH' }],
  [
    { type: 'retrying', stage, partition: null, kind: 'dependency', code: 'KAFKA_AWAY', attempt: 1, delayMs: 100 },
    'warn',
    { partition: -1, code: 'KAFKA_AWAY' },
  ],
  [{ type: 'retrying', stage, partition: 2, kind: 'transient', code: 'TIMED_OUT', attempt: 1, delayMs: 100 }, 'warn', { partition: 2 }],
  [{ type: 'assigned', stage, partitions: [0, 3] }, 'info', { partitions: 2 }],
  [{ type: 'membership-lost', stage }, 'warn', { stage }],
  [{ type: 'backpressure', stage, topic, partition: 0, paused: true }, 'debug', { paused: true }],
  [{ type: 'failed', stage, kind: 'fatal', code: 'QUARANTINE_LIMIT' }, 'error', { code: 'QUARANTINE_LIMIT' }],
])('%j is one line of level %s', (told, level, facts) => {
  const { observer, lines } = observed();
  observer.on(told);
  expect(lines).toEqual([expect.objectContaining({ level, ...facts })]);
  expect(JSON.stringify(lines)).not.toContain('(refused)');
});

test('of the records that one commit quarantines the first is logged, the others are counted and summed up', async () => {
  const { observer, lines, metrics } = observed();
  const quarantine = (partition: number, ...offsets: number[]) => {
    for (const offset of offsets) observer.on({ type: 'quarantined', stage, topic, partition, offset, code: 'NOT_JSON', attempt: 1 });
  };
  const commit = (partition: number) => {
    const counts = { processed: 0, late: 0, lateCorrected: 0, duplicate: 0, rejected: 1, suppressed: 0 };
    const sizes = { consumed: 1, changelogRecords: 0, commitMs: 1, oldestAgeMs: 1 };
    observer.on({ type: 'committed', stage, partition, counts, outputs: {}, traceparents: [], ...sizes });
  };
  const warned = () => lines.splice(0).filter(({ level }) => level === 'warn');

  quarantine(0, 1, 2, 3);
  quarantine(1, 7);
  commit(0);
  commit(1);
  expect(warned()).toEqual([
    expect.objectContaining({ partition: 0, offset: 1 }),
    expect.objectContaining({ partition: 1, offset: 7 }),
    expect.objectContaining({ partition: 0, records: 2 }),
  ]);
  quarantine(0, 4, 5);
  observer.on({ type: 'processor-failed', stage, topic, partition: 0, offset: 6, attempt: 1, errorName: 'TypeError' });
  quarantine(0, 4);
  commit(0);
  expect(warned()).toEqual([expect.objectContaining({ offset: 4 }), expect.objectContaining({ offset: 4 })]);
  expect(await metrics.expose()).toContain(
    'vigil_stage_quarantined_records_total{stage="bed-watcher",code="NOT_JSON",service="bed-watcher"} 7',
  );
});
