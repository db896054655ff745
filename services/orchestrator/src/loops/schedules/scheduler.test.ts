import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { createWakeLoop } from './create-wake-loop.ts';
import { startEventTriggers } from './start-event-triggers.ts';
import { startScheduler, type SchedulerOptions } from './start-scheduler.ts';

const none = { schedules: 0, started: 0, lateMs: 0 };

/** A scheduler whose work is counted; `turned` resolves with the next turn that comes to its end. */
function watched(changes: Partial<SchedulerOptions>) {
  const log: string[] = [];
  let ended = Promise.withResolvers<void>();
  const options: SchedulerOptions = {
    everyMs: 60_000,
    takeDue: async () => none,
    takeDueSingly: async () => none,
    takeTriggers: async () => 0,
    fillBackfills: async () => 0,
    sweepRuns: async () => 0,
    pruneTriggers: async () => 0,
    readNextDue: async () => null,
    settle: () => void log.push('settle'),
    fired: ({ started }) => void log.push(`fired ${started}`),
    onTrouble: (error) => void log.push(`trouble ${(error as Error).message}`),
    onFatal: (error) => {
      log.push(`fatal ${(error as Error).message}`);
      ended.resolve();
    },
    ...changes,
  };
  const loop = startScheduler({
    ...options,
    readNextDue: async () => {
      setImmediate(() => ended.resolve());
      return options.readNextDue();
    },
  });
  const turned = async (): Promise<void> => {
    await ended.promise;
    ended = Promise.withResolvers<void>();
  };
  return { log, loop, turned };
}

test('it takes what is due until nothing is left, then triggers, then sleeps until the next time', async () => {
  const due = [{ schedules: 200, started: 200, lateMs: 1 }, { schedules: 3, started: 0, lateMs: 0 }, none, none];
  const triggers = [200, 5, 0, 0];
  const { log, loop, turned } = watched({
    takeDue: async () => due.shift() ?? none,
    takeTriggers: async () => triggers.shift() ?? 0,
    readNextDue: async () => 20,
  });
  await turned();
  expect(log.toSorted()).toEqual(['fired 0', 'fired 200', 'settle', 'settle']);
  await turned();
  expect(due).toHaveLength(0);
  await loop.close();
});

test('a nudge ends its sleep', async () => {
  let turns = 0;
  const { loop, turned } = watched({ sweepRuns: async () => (turns++, 0) });
  await turned();
  loop.nudge();
  await turned();
  expect(turns).toBe(2);
  await loop.close();
});

test('a batch that cannot be decided about is taken one by one; a database that is away is asked again later', async () => {
  const failures = [new Error('no cron'), null];
  const { log, loop, turned } = watched({
    takeDue: async () => {
      const failure = failures.length > 0 ? failures.shift() : new VigilError('DATABASE_AWAY');
      if (failure) throw failure;
      return none;
    },
    takeDueSingly: async () => ({ schedules: 1, started: 1, lateMs: 0 }),
  });
  await turned();
  expect(log).toEqual(['settle', 'fired 1']);
  loop.nudge();
  await new Promise((resolve) => setImmediate(resolve));
  await loop.close();
  expect(log.at(-1)).toBe(`trouble ${new VigilError('DATABASE_AWAY').message}`);
});

test('a fault of our own ends the loop and is told', async () => {
  const { log, loop, turned } = watched({
    sweepRuns: async () => {
      throw new Error('a fault');
    },
  });
  await turned();
  await loop.close();
  expect(log).toEqual(['fatal a fault']);
});

test('a dependency that is away is not asked without a pause, however often it is nudged', async () => {
  let turns = 0;
  const loop = createWakeLoop({
    turn: async () => {
      turns++;
      loop.nudge();
      throw new VigilError('DATABASE_AWAY');
    },
    restMs: 60_000,
    onTrouble: () => undefined,
    onFatal: () => undefined,
  });
  for (let tick = 0; tick < 5; tick++) await new Promise((resolve) => setImmediate(resolve));
  expect(turns).toBe(1);
  await loop.close();
});

test('events are read without a pause while there is a topic to read', async () => {
  const read = [true, true, false];
  const seen: boolean[] = [];
  const asleep = Promise.withResolvers<void>();
  const loop = startEventTriggers({
    source: {
      reload: async () => undefined,
      read: async () => {
        const found = read.shift() ?? false;
        seen.push(found);
        if (!found) asleep.resolve();
        return found;
      },
    },
    onTrouble: () => undefined,
    onFatal: () => undefined,
  });
  await asleep.promise;
  expect(seen).toEqual([true, true, false]);
  await loop.close();
});
