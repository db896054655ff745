import { expect, test } from '@jest/globals';
import { retryBusy } from './retry-busy.ts';

const failure = (fields: object): Error => Object.assign(new Error('away'), fields);
const notFound = failure({ name: 'KafkaJSGroupCoordinatorNotFound' });

/** Fails with these errors in turn, then answers with the number of the attempt. */
const failingWith = (...errors: readonly unknown[]) => {
  const left = [...errors];
  return async (attempt: number): Promise<number> => {
    if (left.length > 0) throw left.shift();
    return attempt;
  };
};

test.each([
  ['a coordinator that loads', failure({ type: 'COORDINATOR_LOAD_IN_PROGRESS' })],
  ['a coordinator that a new broker has not made yet', notFound],
  ['the same, after the library gave up', failure({ name: 'KafkaJSNumberOfRetriesExceeded', cause: notFound })],
])('%s is asked again', async (_name, error) => {
  expect(await retryBusy(failingWith(error, error), 10_000)).toBe(3);
});

test.each([
  ['another error', failure({ type: 'GROUP_AUTHORIZATION_FAILED' })],
  ['another error after the library gave up', failure({ name: 'KafkaJSNumberOfRetriesExceeded', cause: failure({ type: 'X' }) })],
  ['no error at all', 'text'],
])('%s is thrown at once', async (_name, error) => {
  await expect(retryBusy(failingWith(error), 10_000)).rejects.toBe(error);
});

test('asking ends with the time given', async () => {
  await expect(retryBusy(failingWith(notFound, notFound), 0)).rejects.toBe(notFound);
});
