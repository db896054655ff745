import { expect, test } from '@jest/globals';
import { explainRun } from './explain-run.ts';

test('a run tells what it stands behind, and who paused it', () => {
  const none = { holder: null, needs: [], pause: null, kept: null };
  expect(explainRun('running', none)).toBeNull();
  expect(explainRun('waiting', none)).toBe('The run is about to begin.');
  expect(explainRun('waiting', { ...none, holder: { runId: 'r1', status: 'running' } })).toBe(
    'The run is queued behind run r1 of its schedule, which is running.',
  );
  expect(explainRun('running', { ...none, kept: { count: 3, code: 'ROW_REFUSED' } })).toBe(
    'The run cannot take what its workers reported (ROW_REFUSED): 3 reports are kept and tried again every minute.',
  );
  expect(explainRun('paused', none)).toBe('The run is paused.');
  expect(explainRun('paused', { ...none, pause: { by: 'ann', reason: 'disk' } })).toBe('The run was paused by ann: disk.');
  expect(explainRun('paused', { ...none, pause: { by: 'ann', reason: '' } })).toBe('The run was paused by ann.');
});

test('a run tells each workflow that it waits for, and what of it is not as it must be', () => {
  const whyFor = (isContinuous: boolean, ...runs: [string | null, string | null][]): string | null =>
    explainRun('waiting', {
      holder: null,
      needs: runs.map(([holderId, status]) => ({ workflow: 'claims', isContinuous, holderId, status })),
      pause: null,
      kept: null,
    });
  expect(whyFor(false, [null, null])).toBe('The run waits for claims, which has not run yet.');
  expect(whyFor(false, ['r1', 'paused'], ['r2', 'failed'])).toBe(
    'The run waits for run r1 of claims, which is paused, and for a run of claims to succeed: the last one, r2, has failed.',
  );
  expect(whyFor(false, ['r1', 'cancelled'])).toBe('The run waits for a run of claims to succeed: the last one, r1, was cancelled.');
  expect(whyFor(true, ['r1', 'failed'])).toBe('The run waits for claims, which must be running and whose last run r1 is failed.');
});
