import { expect, test } from '@jest/globals';
import { blockedReasons } from '../runs/blocked.ts';
import { explainTask, type BlockedTask } from './explain-task.ts';

const blocked = (changes: Partial<BlockedTask>): BlockedTask => ({
  task: 'load',
  part: 0,
  partKey: '',
  pool: 'batch',
  state: 'queued',
  attempt: 1,
  blockedReason: null,
  blockedBy: null,
  error: null,
  ...changes,
});

test('every reason there is gives one sentence, with and without a holder', () => {
  for (const blockedReason of blockedReasons) {
    const named = explainTask(blocked({ blockedReason, blockedBy: 'HOLDER' }));
    expect(named).toContain('HOLDER');
    expect(named).toMatch(/^load [^.]+\.$/);
    const unnamed = explainTask(blocked({ blockedReason, blockedBy: '' }));
    expect(unnamed).toMatch(/^load [^.]+\.$/);
    expect(unnamed).not.toContain(blockedReason.includes('_') ? blockedReason : 'undefined');
  }
});

test('who holds the pool, and which attempt failed with what, stand in the sentence', () => {
  expect(explainTask(blocked({ blockedReason: 'pool_full', blockedBy: 'nightly/extract of run 7' }))).toBe(
    'load waits for room in pool batch, held by nightly/extract of run 7.',
  );
  const error = { code: 'SOURCE_AWAY', detail: 'x' };
  expect(explainTask(blocked({ part: 3, partKey: 'b.csv', blockedReason: 'retry_at', blockedBy: '2024-03-15T14:30:00.000Z', error }))).toBe(
    'load (part b.csv) waits until 2024-03-15T14:30:00.000Z for attempt 2, because attempt 1 failed with SOURCE_AWAY.',
  );
  expect(explainTask(blocked({ pool: null, part: 2, blockedReason: 'too_large', blockedBy: '8 slots' }))).toContain(
    '(part 2) needs more than pool default',
  );
});

test('a reason of a later version is shown as it is', () => {
  expect(explainTask(blocked({ blockedReason: 'moon_phase', blockedBy: 'x' }))).toBe('load is queued: moon_phase.');
  expect(explainTask(blocked({ state: 'held' }))).toBe('load is held.');
});

test('a sentence that says why a person is asked becomes part of ours; the pool of a task that names none is the default one', () => {
  expect(explainTask(blocked({ state: 'held', blockedReason: 'held_for_approval', blockedBy: 'The score is 0.4.' }))).toBe(
    'load waits for a person to approve or decline: The score is 0.4.',
  );
  expect(explainTask(blocked({ pool: null, blockedReason: 'pool_full', blockedBy: 'x' }))).toBe(
    'load waits for room in pool default, held by x.',
  );
});
