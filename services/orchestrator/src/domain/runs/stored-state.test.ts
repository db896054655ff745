import { expect, test } from '@jest/globals';
import type { PartState, RunState, TaskState } from '@vigil/workflows';
import { mostPartsInside, restoreState, storeState, tasksInRows, type PartsByTask } from './stored-state.ts';

const none: PartsByTask = new Map();
const partsOf = (count: number): PartState[] =>
  Array.from({ length: count }, (_, part) => ({ part, partKey: String(part), status: 'queued', epoch: 1 }) as PartState);
const runOf = (tasks: Record<string, PartState[]>): RunState =>
  ({
    runId: 'r',
    tasks: Object.fromEntries(Object.entries(tasks).map(([name, parts]) => [name, { status: 'active', parts } as unknown as TaskState])),
  }) as unknown as RunState;
const many = mostPartsInside + 1;

test('a task with few parts keeps them inside; of one with many the number is kept, and each part beside; rows that nobody knows of are removed', () => {
  const run = runOf({ few: partsOf(mostPartsInside), many: partsOf(many) });
  const { state, parts } = storeState(run, none);
  expect(state.tasks['few']).toBe(run.tasks['few']);
  expect(state.tasks['many']?.parts).toBe(many);
  expect(tasksInRows(state)).toEqual(['many']);
  expect(parts.written.map(({ task, part }) => `${task}${part}`)).toEqual(partsOf(many).map(({ part }) => `many${part}`));
  expect(parts.removed).toEqual([{ task: 'many', from: many }]);
  expect(restoreState(JSON.parse(JSON.stringify(state)), new Map([['many', partsOf(many)]]))).toEqual(run);
});

test('a step writes the parts that it changed, and removes those of a task that has fewer, few or none, or is gone', () => {
  const [before, grown] = [partsOf(many), partsOf(many + 5)];
  const rows: PartsByTask = new Map([['same', before], ['less', grown], ['none', before], ['gone', before]]); // prettier-ignore
  const after = runOf({
    same: before.map((part, place) => (place === 3 ? { ...part, epoch: 2 } : part)),
    less: grown.slice(0, many),
    none: [],
  });
  expect(storeState(after, rows).parts).toEqual({
    written: [{ task: 'same', part: 3, state: { ...before[3], epoch: 2 } }],
    removed: [{ task: 'less', from: many }, { task: 'none', from: 0 }, { task: 'gone', from: 0 }], // prettier-ignore
  });
});

test('a state whose rows are not there is refused, not taken for a task without parts', () => {
  const { state } = storeState(runOf({ many: partsOf(many) }), none);
  expect(() => restoreState(state, none)).toThrow('65 parts and 0 rows');
});
