import { expect, test } from '@jest/globals';
import { createMetrics } from './create-metrics.ts';

test('asking twice for a metric gives the same one', async () => {
  const metrics = createMetrics('x');
  metrics.counter({ name: 'vigil_things_total', help: 'Things.' }).add(1);
  metrics.counter({ name: 'vigil_things_total', help: 'Things.' }).add(2);

  expect(await metrics.expose()).toContain('vigil_things_total{service="x"} 3');
  expect(metrics.contentType).toContain('text/plain');
});

test('a gauge can forget what it said', async () => {
  const metrics = createMetrics('x');
  const lag = metrics.gauge({ name: 'vigil_lag_records', help: 'Lag.', labels: ['partition'] });
  lag.set(5, { partition: 1 });
  lag.reset();

  expect(await metrics.expose()).not.toContain('partition="1"');
});

test('what is read off something is read when somebody looks', async () => {
  const metrics = createMetrics('x');
  let looks = 0;
  const gauge = metrics.gauge({ name: 'vigil_looks', help: 'Looks.' });
  metrics.beforeExpose(() => gauge.set(++looks));

  await metrics.expose();
  expect(await metrics.expose()).toContain('vigil_looks{service="x"} 2');
});

test.each<[string, () => unknown, RegExp]>([
  ['a counter without _total', () => createMetrics('x').counter({ name: 'vigil_things', help: '' }), /end in _total/],
  ['a gauge with _total', () => createMetrics('x').gauge({ name: 'vigil_things_total', help: '' }), /end in _total/],
  ['capital letters', () => createMetrics('x').gauge({ name: 'vigil_Things', help: '' }), /is not vigil_<name>_<unit>/],
  ['a histogram with _total', () => createMetrics('x').histogram({ name: 'vigil_a_total', help: '', buckets: [1] }), /end in _total/],
])('a metric named against the rules is refused: %s', (_name, create, expected) => {
  expect(create).toThrow(expected);
});

test('what the process uses can be watched', async () => {
  const metrics = createMetrics('x');
  metrics.watchProcess();
  expect(await metrics.expose()).toMatch(/vigil_process_cpu_seconds_total\{service="x"\} \d/);
});
