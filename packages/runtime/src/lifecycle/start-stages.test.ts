import { expect, test } from '@jest/globals';
import type { Stage } from '@vigil/kafka';
import { createHealth } from '../http/create-health.ts';
import { startStages } from './start-stages.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const stage = {} as Stage;

function aService() {
  const health = createHealth();
  const joining = new Map(['intake', 'adjudicate'].map((name) => [name, Promise.withResolvers<Stage>()]));
  const failures: unknown[] = [];
  startStages([...joining.keys()], (name) => (joining.get(name) as PromiseWithResolvers<Stage>).promise, {
    health,
    supervise: (name) => health.watch(name, () => ({ live: true, ready: true })),
    fail: (error) => void failures.push(error),
  });
  health.started();
  const reasons = () => Object.entries(health.report().parts).map(([name, { ready, reason }]) => `${name} ${ready ? 'ready' : reason}`);
  return { joining, failures, reasons, health };
}

test('each stage tells for itself that it is joining, and one that is halted does not hold the service up', async () => {
  const { joining, reasons, health } = aService();
  expect(reasons()).toEqual(['process ready', 'intake joining', 'adjudicate joining']);

  joining.get('adjudicate')?.resolve(stage);
  await settled();
  expect(reasons()).toEqual(['process ready', 'intake joining', 'adjudicate ready']);
  expect(health.report()).toMatchObject({ live: true, ready: false });

  joining.get('intake')?.resolve(stage);
  await settled();
  expect(health.report().ready).toBe(true);
});

test('a stage that cannot start ends the service', async () => {
  const { joining, failures } = aService();
  const error = new Error('configured wrongly');
  joining.get('intake')?.reject(error);
  await settled();
  expect(failures).toEqual([error]);
});
