import { aPlan } from '../../plan/plan.fixture.ts';
import { control, failed, fired, lost, requested, started, stopped, succeeded, type Given, type History } from './history.fixture.ts';

const stage = (name: string, ...dependsOn: readonly string[]) => ({
  name,
  type: 'streaming',
  pool: 'stream',
  dependsOn,
  retry: { attempts: 3, delayMs: 30_000, backoff: 'fixed', maxDelayMs: 30_000, jitter: 0, classes: ['transient'] } as const,
});

const told = (task: string, health: 'ok' | 'behind', epoch = 1): Given => ({
  kind: 'progressed',
  task,
  part: 0,
  epoch,
  counts: {},
  health,
});

export const continuousHistories: readonly History[] = [
  {
    shape: 'continuous',
    text: 'Four stages of patient monitoring: each begins when the one before it is up, all run at once and tell their health; cancelling stops them.',
    plan: aPlan(
      [
        stage('ingest_vital_signs'),
        stage('detect_anomalies', 'ingest_vital_signs'),
        stage('trigger_alerts', 'detect_anomalies'),
        stage('store_measurements', 'ingest_vital_signs'),
      ],
      { continuous: true },
    ),
    steps: [
      [requested(), 'enqueue ingest_vital_signs/0@1'],
      [started('ingest_vital_signs'), 'enqueue detect_anomalies/0@1', 'enqueue store_measurements/0@1'],
      [started('detect_anomalies'), 'enqueue trigger_alerts/0@1'],
      [started('store_measurements')],
      [started('trigger_alerts')],
      [told('ingest_vital_signs', 'ok')],
      [told('detect_anomalies', 'behind')],
      [told('detect_anomalies', 'ok', 7), '- stale-epoch'],
      [
        control('cancel'),
        'withdraw ingest_vital_signs/0@1',
        'set timeout ingest_vital_signs/0@1 +68000',
        'withdraw detect_anomalies/0@1',
        'set timeout detect_anomalies/0@1 +68000',
        'withdraw trigger_alerts/0@1',
        'set timeout trigger_alerts/0@1 +68000',
        'withdraw store_measurements/0@1',
        'set timeout store_measurements/0@1 +68000',
      ],
      [stopped('ingest_vital_signs'), 'clear timeout ingest_vital_signs/0@1'],
      [told('detect_anomalies', 'ok'), '- not-now'],
      [stopped('detect_anomalies'), 'clear timeout detect_anomalies/0@1'],
      [stopped('trigger_alerts'), 'clear timeout trigger_alerts/0@1'],
      [stopped('store_measurements'), 'clear timeout store_measurements/0@1', 'run-ended cancelled {}'],
    ],
    ends: {
      run: 'cancelled',
      ingest_vital_signs: 'cancelled',
      detect_anomalies: 'cancelled',
      trigger_alerts: 'cancelled',
      store_measurements: 'cancelled',
    },
  },
  {
    shape: 'continuous-failing',
    text: 'A stage that fails is tried again for ever, whatever the class; the stage behind it goes on meanwhile. Losses are not counted.',
    plan: aPlan([{ ...stage('ingest'), retry: { ...stage('ingest').retry, attempts: 0, delayMs: 0 } }, stage('detect', 'ingest')], {
      continuous: true,
    }),
    steps: [
      [requested(), 'enqueue ingest/0@1'],
      [started('ingest'), 'enqueue detect/0@1'],
      [started('detect')],
      [failed('ingest', 'config'), 'set retry ingest/0@1 +4000'],
      [told('detect', 'behind')],
      [fired('retry', 'ingest', 4000), 'enqueue ingest/0@2 attempt 2'],
      [failed('ingest@2', 'fatal'), 'set retry ingest/0@2 +6000'],
      [fired('retry', 'ingest@2', 6000), 'enqueue ingest/0@3 attempt 3'],
      [lost('ingest@3'), 'enqueue ingest/0@4 attempt 3'],
      [lost('ingest@4'), 'enqueue ingest/0@5 attempt 3'],
      [lost('ingest@5'), 'enqueue ingest/0@6 attempt 3'],
      [lost('ingest@6'), 'enqueue ingest/0@7 attempt 3'],
      [lost('ingest@7'), 'enqueue ingest/0@8 attempt 3'],
      [lost('ingest@8'), 'enqueue ingest/0@9 attempt 3'],
      [lost('ingest@9'), 'enqueue ingest/0@10 attempt 3'],
      [started('ingest@10', 3)],
      [succeeded('detect')],
    ],
    ends: { run: 'running', ingest: 'active', detect: 'succeeded' },
  },
];
