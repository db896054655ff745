import { expect, test } from '@jest/globals';
import type { TaskReported } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { Executor } from '../executor.ts';
import { aRequest, heldExecutor } from '../worker-rig.fixture.ts';
import { createAttempts, type EndedAttempt } from './attempts.ts';

/** Time that passes when the test says so. */
function handClock() {
  let nowMs = 0;
  const waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();
  return {
    now: () => nowMs,
    after(delayMs: number, run: () => void) {
      const timer = { atMs: nowMs + delayMs, run };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    /** Each timer at its time, and what it leads to before the next. */
    async pass(ms: number) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...waiting].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        waiting.delete(next);
        nowMs = next.atMs;
        next.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      nowMs = endMs;
    },
  };
}

/** Attempts of a worker whose reports reach nobody where `isHeard` says so. */
function world(executor: Executor, isHeard = () => true) {
  const clock = handClock();
  const sent: TaskReported[] = [];
  const ended: EndedAttempt[] = [];
  const failures: unknown[] = [];
  const attempts = createAttempts({
    worker: 'w1',
    find: () => executor,
    payloads: { load: () => Promise.resolve({}), save: () => Promise.resolve('p') },
    reporter: { send: (reports) => (isHeard() ? Promise.resolve(void sent.push(...reports)) : new Promise(() => undefined)) },
    observer: { started: () => undefined, ended: (attempt) => ended.push(attempt), failed: (error) => failures.push(error) },
    clock,
    wall: clock,
    atOnce: 2,
  });
  const begin = (request = aRequest({ leaseMs: 4000 })) => {
    expect(attempts.admit(request)).toBe('run');
    attempts.run(request);
    return request;
  };
  const kinds = (): readonly string[] => sent.map(({ kind }) => kind);
  return { attempts, clock, begin, sent, kinds, ended, failures };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an attempt whose lease nobody renewed is stopped and told of no more, however it ends', async () => {
  const executor = heldExecutor();
  const { clock, begin, kinds, ended } = world(executor, () => false);
  begin();
  const [execution] = await executor.begun(1);
  await clock.pass(6000);
  execution?.log('still here');
  await settle();

  expect(execution?.signal.reason).toMatchObject({ code: 'FENCED' });
  expect(kinds()).toEqual([]);
  expect(ended).toMatchObject([{ how: 'given-up', errorCode: '' }]);
});

test('a lease that is renewed in time lasts as long as the work', async () => {
  const executor = heldExecutor();
  const { clock, begin, kinds, ended } = world(executor);
  begin();
  const [execution] = await executor.begun(1);
  await clock.pass(20_000);
  execution?.log('half of it');
  execution?.end.resolve();
  await settle();

  expect(new Set(kinds())).toEqual(new Set(['heartbeat', 'progressed', 'succeeded']));
  expect(ended).toMatchObject([{ how: 'succeeded', lastedMs: 20_000, errorCode: '' }]);
});

test('an executor that does not stop is given up after five seconds, and why it was told to is its failure', async () => {
  const executor = heldExecutor({ ignoresAbort: true });
  const { clock, begin, sent, ended } = world(executor);
  begin(aRequest({ leaseMs: 4000, timeoutMs: 1000 }));
  await executor.begun(1);
  await clock.pass(6000);

  expect(sent.at(-1)).toMatchObject({ kind: 'failed', errorCode: 'TASK_TIMED_OUT' });
  expect(ended).toMatchObject([{ how: 'failed', lastedMs: 6000, errorCode: 'TASK_TIMED_OUT' }]);
});

test('a cancelled attempt that is cancelled again ends once', async () => {
  const executor = heldExecutor();
  const { attempts, begin, kinds, ended } = world(executor);
  const request = begin();
  await executor.begun(1);
  attempts.cancel({ ...request, epoch: request.epoch - 1 });
  expect(ended).toEqual([]);
  attempts.cancel(request);
  attempts.cancel(request);
  await settle();

  expect(kinds()).toEqual(['cancelled']);
  expect(ended).toMatchObject([{ how: 'cancelled' }]);
});

test('an attempt that ends after it was cancelled did its work all the same', async () => {
  const executor = heldExecutor({ ignoresAbort: true });
  const { attempts, begin, kinds } = world(executor);
  const request = begin();
  const [execution] = await executor.begun(1);
  attempts.cancel(request);
  execution?.end.resolve();
  await settle();

  expect(kinds()).toEqual(['succeeded']);
});

test('what was not admitted is neither run nor given back', async () => {
  const executor = heldExecutor();
  const { attempts, begin, ended } = world(executor);
  const stranger = aRequest({ task: 'of somebody else' });
  attempts.run(stranger);
  attempts.withdraw(stranger);
  begin();
  attempts.run(aRequest());
  attempts.withdraw(aRequest());

  expect([attempts.count(), attempts.free(), ended.length]).toEqual([1, 1, 0]);
});

test('a request that was given back may come again', async () => {
  const executor = heldExecutor();
  const { attempts, begin } = world(executor);
  const request = aRequest();
  expect(attempts.admit(request)).toBe('run');
  attempts.withdraw(request);
  expect(attempts.count()).toBe(0);
  begin(request);

  expect(await executor.begun(1)).toHaveLength(1);
});

test('a worker that leaves has no room, and hands back what does not end in time', async () => {
  const executor = heldExecutor({ ignoresAbort: true });
  const { attempts, clock, begin, sent } = world(executor);
  begin();
  await executor.begun(1);
  const drained = attempts.drain(1000);
  await settle();
  await clock.pass(1000);
  await drained;

  expect(attempts.free()).toBe(0);
  expect(sent.at(-1)).toMatchObject({ kind: 'heartbeat', leaseMs: 0, leases: [{ runId: 'r1', epoch: 1 }] });
});

test('a failure is told once to the log of the worker, whatever its kind', async () => {
  const failure = new VigilError('DATABASE_CONFLICT');
  const { begin, failures, ended } = world({ run: () => Promise.reject(failure) });
  begin();
  await settle();

  expect(failures).toEqual([failure]);
  expect(ended).toMatchObject([{ how: 'failed', errorCode: 'DATABASE_CONFLICT' }]);
});
