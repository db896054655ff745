import { expect, test } from '@jest/globals';
import type { FanOut } from '../plan/run-plan.ts';
import { waitingTask } from './draft.ts';
import { fanOutKeys, maxParts } from './fan-out-keys.ts';

const listed = (values: Readonly<Record<string, unknown>>) => ({
  list: { ...waitingTask, status: 'succeeded' as const, result: { counts: {}, values, ref: null } },
});
const overFiles: FanOut = { over: 'result', task: 'list', field: 'files' };
const tooMany = Array.from({ length: maxParts + 1 }, String);

test.each<[FanOut, Parameters<typeof fanOutKeys>[1], unknown]>([
  [{ over: 'count', count: 3 }, {}, ['0', '1', '2']],
  [{ over: 'count', count: 0 }, {}, []],
  [{ over: 'values', values: ['north', 'south'] }, {}, ['north', 'south']],
  [overFiles, listed({ files: ['a', 'b'] }), ['a', 'b']],
  [overFiles, { list: { ...waitingTask, status: 'failed' } }, []],
  [overFiles, {}, []],
  [overFiles, listed({ files: 'a' }), { refused: 'list gave no list files' }],
  [overFiles, listed({}), { refused: 'list gave no list files' }],
  [{ ...overFiles, field: 'constructor' }, listed({}), { refused: 'list gave no list constructor' }],
  [overFiles, listed({ files: ['a', 1] }), { refused: 'files of list is not a list of texts' }],
  [{ over: 'count', count: maxParts + 1 }, {}, { refused: 'too many parts' }],
  [{ over: 'values', values: tooMany }, {}, { refused: 'too many parts' }],
  [overFiles, listed({ files: tooMany }), { refused: 'too many parts' }],
])('parts of %j', (fanOut, tasks, expected) => {
  expect(fanOutKeys(fanOut, tasks)).toEqual(expected);
});
