import { changedTask, simPlan, simTask } from './draw-plan.ts';
import type { Shape } from './kill-every-step.ts';

const never = { attempts: 0, delayMs: 0, backoff: 'fixed', maxDelayMs: 0, jitter: 0, classes: [] } as const;

const chain = [simTask({ name: 'a' }), simTask({ name: 'b', dependsOn: ['a'], retry: never }), simTask({ name: 'c', dependsOn: ['b'] })];

/** The shapes of runs that are killed at every step. */
export const shapes: readonly Shape[] = [
  {
    name: 'linear',
    plan: simPlan([simTask({ name: 'a' }), simTask({ name: 'b', dependsOn: ['a'] }), simTask({ name: 'c', dependsOn: ['b'] })]),
  },
  {
    name: 'diamond',
    plan: simPlan([
      simTask({ name: 'a' }),
      simTask({ name: 'b', dependsOn: ['a'] }),
      simTask({ name: 'c', dependsOn: ['a'] }),
      simTask({ name: 'd', dependsOn: ['b', 'c'] }),
    ]),
  },
  {
    name: 'fan-out',
    plan: simPlan([simTask({ name: 'a', fanOut: { over: 'count', count: 4 } }), simTask({ name: 'b', dependsOn: ['a'] })]),
  },
  { name: 'retry', plan: simPlan([simTask({ name: 'a' }), simTask({ name: 'b', dependsOn: ['a'] })]), failures: { a: 2, b: 1 } },
  {
    name: 'fallback',
    plan: simPlan([
      simTask({ name: 'a', retry: never, fallback: 'manual_review_queue' }),
      simTask({ name: 'b', dependsOn: ['a'] }),
      simTask({ name: 'c' }),
    ]),
    failures: { a: 1 },
  },
  {
    name: 'approval and wait',
    plan: simPlan([
      simTask({ name: 'a', type: 'approval' }),
      simTask({ name: 'b', dependsOn: ['a'] }),
      simTask({ name: 'c', type: 'wait', dependsOn: ['b'] }),
      simTask({ name: 'd', dependsOn: ['c'] }),
    ]),
  },
  { name: 'child', plan: simPlan([simTask({ name: 'a', type: 'workflow' }), simTask({ name: 'b', dependsOn: ['a'] })]) },
  {
    name: 'cancel',
    plan: simPlan([simTask({ name: 'a' }), simTask({ name: 'b' }), simTask({ name: 'c', dependsOn: ['b'] })]),
    orders: [{ atMs: 1300, kind: 'cancel' }],
  },
  {
    name: 'pause',
    plan: simPlan([simTask({ name: 'a' }), simTask({ name: 'b', dependsOn: ['a'] }), simTask({ name: 'c' })]),
    failures: { c: 1 },
    orders: [
      { atMs: 1300, kind: 'pause' },
      { atMs: 9000, kind: 'resume' },
    ],
  },
  {
    name: 'attempt timeout',
    plan: simPlan([simTask({ name: 'a', retry: never, timeoutMs: 600, onFailure: 'continue' }), simTask({ name: 'b', dependsOn: ['a'] })]),
    workMs: { a: 20_000 },
  },
  {
    name: 'held result',
    plan: simPlan([simTask({ name: 'a' }), simTask({ name: 'b', dependsOn: ['a'] })]),
    held: ['a'],
  },
  {
    name: 'fix and resume',
    plan: simPlan(chain),
    mended: simPlan(
      chain.map((task) => (task.name === 'b' ? changedTask(task, 2) : task)),
      { version: 2 },
    ),
    failures: { b: 1 },
  },
  {
    name: 'continuous',
    plan: simPlan([simTask({ name: 'a' }), simTask({ name: 'b', dependsOn: ['a'] })], { continuous: true }),
    failures: { b: 1 },
    orders: [{ atMs: 12_000, kind: 'cancel' }],
  },
];
