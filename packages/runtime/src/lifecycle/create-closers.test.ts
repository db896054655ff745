import { expect, test } from '@jest/globals';
import { systemClock } from '@vigil/core';
import { createClosers } from './create-closers.ts';

test('what was opened last is closed first, and one failure does not keep the others open', async () => {
  const closed: string[] = [];
  const closers = createClosers(systemClock);
  closers.onClose('server', () => void closed.push('server'));
  closers.onClose('client', () => {
    closed.push('client');
    throw new Error('refused');
  });
  closers.onClose('stage', async () => {
    await Promise.resolve();
    closed.push('stage');
  });

  const failures = await closers.closeAll(1000);

  expect(closed).toEqual(['stage', 'client', 'server']);
  expect(failures).toEqual([{ name: 'client', error: expect.objectContaining({ message: 'refused' }) }]);
});

test('a resource that does not close is left when the time is up, and those after it are still asked', async () => {
  const closed: string[] = [];
  const closers = createClosers(systemClock);
  closers.onClose('server', () => void closed.push('server'));
  closers.onClose('stuck', () => new Promise<void>(() => {}));

  const failures = await closers.closeAll(20);

  expect(failures).toEqual([{ name: 'stuck', error: expect.objectContaining({ code: 'TIMED_OUT' }) }]);
  expect(closed).toEqual(['server']);
});

test('what is opened while closing is closed at once', async () => {
  const closed: string[] = [];
  const closers = createClosers(systemClock);
  closers.onClose('first', () => {
    closers.onClose('late', () => void closed.push('late'));
    closers.onClose('late and broken', () => Promise.reject(new Error('no')));
  });

  const failures = await closers.closeAll(1000);

  expect(closed).toEqual(['late']);
  expect(failures.map(({ name }) => name)).toEqual(['late and broken']);
});
