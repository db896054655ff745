import { aPlan } from '../../plan/plan.fixture.ts';
import { failed, lost, requested, resultWith, started, succeeded, type History } from './history.fixture.ts';

export const flowHistories: readonly History[] = [
  {
    shape: 'linear',
    text: 'Three tasks one behind the other; a result goes to the task behind it, and the last one is that of the run.',
    plan: aPlan([{ name: 'extract' }, { name: 'check', dependsOn: ['extract'] }, { name: 'load', dependsOn: ['check'] }]),
    steps: [
      [requested(), 'enqueue extract/0@1'],
      [started('extract')],
      [succeeded('extract', resultWith({ read: 10 })), 'enqueue check/0@1'],
      [started('check')],
      [succeeded('check', resultWith({ processed: 9, rejected: 1 })), 'enqueue load/0@1'],
      [started('load')],
      [succeeded('load', resultWith({ written: 9 })), 'run-ended succeeded {"written":9}'],
      [succeeded('load', resultWith({ written: 9 })), '- run-has-ended'],
    ],
    ends: { run: 'succeeded', extract: 'succeeded', check: 'succeeded', load: 'succeeded' },
  },
  {
    shape: 'diamond',
    text: 'Two tasks behind one run beside each other; the one behind both begins once, when the later of them is done.',
    plan: aPlan([
      { name: 'read' },
      { name: 'left', dependsOn: ['read'] },
      { name: 'right', dependsOn: ['read'] },
      { name: 'join', dependsOn: ['left', 'right'] },
    ]),
    steps: [
      [requested(), 'enqueue read/0@1'],
      [succeeded('read'), 'enqueue left/0@1', 'enqueue right/0@1'],
      [started('right')],
      [started('left')],
      [succeeded('right', resultWith({ n: 1 }))],
      [succeeded('right', resultWith({ n: 1 })), '- not-now'],
      [succeeded('left', resultWith({ n: 2 })), 'enqueue join/0@1'],
      [succeeded('join'), 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', read: 'succeeded', left: 'succeeded', right: 'succeeded', join: 'succeeded' },
  },
  {
    shape: 'two-leaves',
    text: 'Nothing depends on either of two tasks: the run gives the counts of both, added up.',
    plan: aPlan([{ name: 'a' }, { name: 'b' }]),
    steps: [
      [requested(), 'enqueue a/0@1', 'enqueue b/0@1'],
      [succeeded('b', resultWith({ rows: 2, files: 1 }, { last: 'b' }))],
      [succeeded('a', resultWith({ rows: 40 }, { last: 'a' })), 'run-ended succeeded {"rows":42,"files":1}'],
    ],
    ends: { run: 'succeeded', a: 'succeeded', b: 'succeeded' },
  },
  {
    shape: 'fan-out-count',
    text: 'Three parts with retries of their own; the task ends with the last of them, its counts are theirs added up.',
    plan: aPlan([
      {
        name: 'load',
        fanOut: { over: 'count', count: 3 },
        retry: { attempts: 1, delayMs: 0, backoff: 'fixed', maxDelayMs: 0, jitter: 0, classes: ['transient'] },
      },
      { name: 'tell', dependsOn: ['load'] },
    ]),
    steps: [
      [requested(), 'enqueue load/0@1', 'enqueue load/1@1', 'enqueue load/2@1'],
      [succeeded('load/2', resultWith({ rows: 3 }))],
      [failed('load/1'), 'enqueue load/1@2 attempt 2'],
      [succeeded('load/1', resultWith({ rows: 99 })), '- stale-epoch'],
      [succeeded('load/0', resultWith({ rows: 1 }))],
      [succeeded('load/1@2', resultWith({ rows: 2 })), 'enqueue tell/0@1'],
      [succeeded('tell', resultWith({ told: 1 })), 'run-ended succeeded {"told":1}'],
    ],
    ends: { run: 'succeeded', load: 'succeeded', tell: 'succeeded' },
  },
  {
    shape: 'fan-out-values',
    text: 'A part for each value. One fails for good: the others come to their end, then the task has failed.',
    plan: aPlan([
      { name: 'fetch', fanOut: { over: 'values', values: ['north', 'south'] } },
      { name: 'load', dependsOn: ['fetch'] },
    ]),
    steps: [
      [requested(), 'enqueue fetch/0@1', 'enqueue fetch/1@1'],
      [failed('fetch/0', 'poison')],
      [lost('fetch/0'), '- not-now'],
      [succeeded('fetch/1'), 'run-ended failed {}'],
    ],
    ends: { run: 'failed', fetch: 'failed', load: 'skipped' },
  },
  {
    shape: 'fan-out-result',
    text: 'A part for each file that the task before it found.',
    plan: aPlan([{ name: 'list' }, { name: 'load', dependsOn: ['list'], fanOut: { over: 'result', task: 'list', field: 'files' } }]),
    steps: [
      [requested(), 'enqueue list/0@1'],
      [succeeded('list', resultWith({}, { files: ['f1', 'f2'] })), 'enqueue load/0@1', 'enqueue load/1@1'],
      [succeeded('load/0', resultWith({ rows: 5 }))],
      [succeeded('load/1', resultWith({ rows: 6 })), 'run-ended succeeded {"rows":11}'],
    ],
    ends: { run: 'succeeded', list: 'succeeded', load: 'succeeded' },
  },
  {
    shape: 'fan-out-empty',
    text: 'No files were found: the task has succeeded with nothing, and what is behind it runs.',
    plan: aPlan([
      { name: 'list' },
      { name: 'load', dependsOn: ['list'], fanOut: { over: 'result', task: 'list', field: 'files' } },
      { name: 'tell', dependsOn: ['load'] },
    ]),
    steps: [
      [requested(), 'enqueue list/0@1'],
      [succeeded('list', resultWith({}, { files: [] })), 'enqueue tell/0@1'],
      [succeeded('tell'), 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', list: 'succeeded', load: 'succeeded', tell: 'succeeded' },
  },
  {
    shape: 'fan-out-refused',
    text: 'What the task before it gave is not a list of texts: the task fails, there is nothing to try again.',
    plan: aPlan([{ name: 'list' }, { name: 'load', dependsOn: ['list'], fanOut: { over: 'result', task: 'list', field: 'files' } }]),
    steps: [
      [requested(), 'enqueue list/0@1'],
      [succeeded('list', resultWith({}, { files: 'f1' })), 'run-ended failed {}'],
    ],
    ends: { run: 'failed', list: 'succeeded', load: 'failed' },
  },
  {
    shape: 'condition',
    text: 'A task whose condition does not hold is skipped, and what depends on it too, unless it says continue.',
    plan: aPlan([
      { name: 'read' },
      { name: 'mend', dependsOn: ['read'], when: [{ left: ['read', 'counts', 'rejected'], operator: '>', right: 0 }] },
      { name: 'mended', dependsOn: ['mend'] },
      { name: 'full', dependsOn: ['read'], onFailure: 'continue', when: [{ left: ['parameters', 'full'], operator: '==', right: true }] },
      { name: 'tell', dependsOn: ['read', 'full'] },
    ]),
    steps: [
      [requested({ full: false }), 'enqueue read/0@1'],
      [succeeded('read', resultWith({ rejected: 0 })), 'enqueue tell/0@1'],
      [succeeded('tell'), 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', read: 'succeeded', mend: 'skipped', mended: 'skipped', full: 'skipped', tell: 'succeeded' },
  },
];
