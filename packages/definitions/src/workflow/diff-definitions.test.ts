import { expect, test } from '@jest/globals';
import { parseDefinition } from '../parse-definition.ts';
import { diffDefinitions } from './diff-definitions.ts';
import { workflowSchema } from './workflow-schema.ts';

const definitionOf = (tasks: readonly string[], more = '') =>
  parseDefinition(`name: w\n${more}\ntasks:\n${tasks.map((task) => `  - {${task}}\n`).join('')}`, 'w.yaml', workflowSchema);

const list = 'name: list, type: batch, source: s, file_pattern: "*"';
const load = 'name: load, type: storage, destination: warehouse, depends_on: [list]';
const report = 'name: report, type: output, destination: reports, depends_on: [load]';
const other = 'name: other, type: wait, duration: 1s';

test('the same definition in other words has no change', () => {
  const again = 'destination: warehouse, depends_on: [list], type: storage, name: load';

  expect(diffDefinitions(definitionOf([list, load]), definitionOf([list, again]))).toEqual({
    fields: [],
    tasks: [],
    unchangedTasks: ['list', 'load'],
  });
});

test('what changed is told by task; what changed and all behind it does not keep its results', () => {
  const diff = diffDefinitions(
    definitionOf([list, load, report, other]),
    definitionOf([list, load.replace('warehouse', 'lake'), report, 'name: fresh, type: wait, duration: 2s']),
  );

  expect(diff).toEqual({
    fields: [],
    tasks: [
      { name: 'load', change: 'changed', fields: [{ field: 'destination', before: 'warehouse', after: 'lake' }] },
      { name: 'fresh', change: 'added', fields: [] },
      { name: 'other', change: 'removed', fields: [] },
    ],
    unchangedTasks: ['list'],
  });
});

test('how a task is tried is a change that keeps its results, and those behind it', () => {
  const patient = `${list}, timeout: 2h, retry: {attempts: 9}, description: slow, pool: default, weight: {cpu: 2}`;
  const diff = diffDefinitions(definitionOf([list, load]), definitionOf([patient, load]));

  expect(diff.tasks[0]?.fields.map(({ field }) => field)).toEqual(['description', 'timeout', 'retry', 'pool', 'weight']);
  expect(diff.unchangedTasks).toEqual(['list', 'load']);
});

test('fields of the workflow are told with before and after', () => {
  const diff = diffDefinitions(definitionOf([other], 'priority: 4'), definitionOf([other], 'schedule: {type: manual}'));

  expect(diff.fields).toEqual([
    { field: 'priority', before: 4, after: 5 },
    { field: 'schedule', before: undefined, after: { type: 'manual' } },
  ]);
});
