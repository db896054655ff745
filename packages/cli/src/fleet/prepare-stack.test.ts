import { expect, test } from '@jest/globals';
import { VigilError, type ErrorCode } from '@vigil/core';
import { prepareStack } from './prepare-stack.ts';

const env = { kafkaBrokers: '', schemaRegistryUrl: '', databaseUrl: '', warehouseUrl: '' };

/** Fails so often, then succeeds. */
function preparing(code: ErrorCode, failures: number) {
  let calls = 0;
  const prepare = async (): Promise<void> => {
    if (++calls <= failures) throw new VigilError(code);
  };
  return { prepare, calls: () => calls };
}

test('what does not answer yet is asked again, three times in all', async () => {
  const slow = preparing('KAFKA_AWAY', 2);
  await prepareStack(env, () => undefined, slow.prepare);
  expect(slow.calls()).toBe(3);
  const away = preparing('KAFKA_AWAY', 3);
  await expect(prepareStack(env, () => undefined, away.prepare)).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
});

test('what is wrong stays wrong and is told at once', async () => {
  const wrong = preparing('BAD_SETTINGS', 1);
  await expect(prepareStack(env, () => undefined, wrong.prepare)).rejects.toMatchObject({ code: 'BAD_SETTINGS' });
  expect(wrong.calls()).toBe(1);
});
