import { expect, test } from '@jest/globals';
import { inspectDefinition } from '../parse-definition.ts';
import { workflowSchema } from './workflow-schema.ts';

const problemsOf = (text: string): string[] => {
  const parsed = inspectDefinition(text, workflowSchema);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
};

/** Fields of a task below `name: t`, in a workflow that is right otherwise. */
const withTask = (fields: string, more = ''): string =>
  `name: w\nparameters: {region: {type: string, default: eu}}\n${more}tasks:\n  - {name: first, type: wait, duration: 1s}\n  - {name: t, ${fields}}\n`;

test.each([
  ['a batch without anything to read', 'type: batch, source: s', 'tasks[1]: expected one of file_pattern, table, found none'],
  [
    'a batch with two',
    'type: batch, source: s, table: a, file_pattern: b',
    'expected one of file_pattern, table, found file_pattern and table',
  ],
  [
    'a query',
    'type: batch, source: s, table: a, query: SELECT 1',
    '5:49 tasks[1].query: no field query: queries are not run: let the source’s database have a view',
  ],
  [
    'a table of the warehouse that is misspelt',
    'type: batch, source: s, file_pattern: a, destination: warehouse.code_descripton',
    '5:69 tasks[1].destination: no table that files may be loaded into is named warehouse.code_descripton; did you mean warehouse.code_description?',
  ],
  [
    'a table of the warehouse about people',
    'type: batch, source: s, file_pattern: a, destination: warehouse.fact_visit',
    'no table that files may be loaded into is named warehouse.fact_visit; expected one of warehouse.code_description',
  ],
  [
    'a column that the table does not have',
    'type: batch, source: s, file_pattern: a, destination: warehouse.code_description, columns: {system: s, cod: c, description: d, code: c}',
    '5:118 tasks[1].columns.cod: warehouse.code_description has no column cod; did you mean code?',
  ],
  [
    'a column that the table cannot do without',
    'type: batch, source: s, file_pattern: a, destination: warehouse.code_description, columns: {system: s, code: c}',
    'tasks[1].columns: warehouse.code_description also needs description',
  ],
  ['columns of no table', 'type: batch, source: s, file_pattern: a, columns: {code: c}', 'tasks[1].columns: expected with destination'],
  [
    'a table into a table',
    'type: batch, source: s, table: a, destination: warehouse.code_description',
    'tasks[1].destination: expected with file_pattern; rows of a table go through the stream, to its topic',
  ],
  [
    'a table with a limit for files',
    'type: batch, source: s, table: a, quality: {minimum_score: 0.9}',
    'tasks[1].quality: expected with file_pattern; a table is judged behind its extraction, by a task of type validation',
  ],
  ['a wait without an end', 'type: wait', 'expected one of duration, until, found none'],
  ['a wait until a time without a zone', 'type: wait, until: 2026-11-26T06:00:00', 'tasks[1].until: expected a time with its zone'],
  ['a validation of nothing', 'type: validation', 'expected rules, quality or both'],
  ['an approval that nobody may give', 'type: approval, message: Go?, approvers: []', 'tasks[1].approvers'],
  [
    'a misspelt parameter of a known function',
    'type: transformation, function: anomaly_detection, parameters: {treshold: 2}',
    '5:79 tasks[1].parameters.treshold: unknown field treshold; did you mean threshold?',
  ],
  ['a condition that is none', 'type: wait, duration: 1s, when: first is done', '5:47 tasks[1].when[0]: expected a condition such as'],
  [
    'a condition on a task that need not have ended',
    "type: wait, duration: 1s, when: [first.status == 'succeeded']",
    'tasks[1].when: t does not depend on first',
  ],
  [
    'a condition on a parameter that is not declared',
    'type: wait, duration: 1s, when: parameters.regoin == "eu"',
    'tasks[1].when: the workflow declares no parameter regoin; did you mean region?',
  ],
  [
    'a reference to a parameter that is not declared',
    'type: output, destination: d, parameters: {a: [{b: "in ${parameters.regio}"}]}',
    'tasks[1].parameters.a: the workflow declares no parameter regio; did you mean region?',
  ],
  [
    'two ways to fan out',
    'type: output, destination: d, fan_out: {partitions: 2, values: [a]}',
    'expected one of partitions, values and from, found 2',
  ],
  [
    'a fan-out over the result of a task that need not have ended',
    'type: output, destination: d, fan_out: {from: first.files}',
    'tasks[1].fan_out.from: t does not depend on first',
  ],
  ['a fan-out over a task as a whole', 'type: output, destination: d, fan_out: {from: first}', 'expected a task and a field of its result'],
  ['a workflow that starts itself', 'type: workflow, workflow: w', 'tasks[1].workflow: w cannot need itself'],
  [
    'retries of a class that is none',
    'type: output, destination: d, retry: {on: [transiet]}',
    'unknown value "transiet"; did you mean transient?',
  ],
  ['a size without a unit', 'type: output, destination: d, weight: {memory: 512}', 'expected a size such as 512MiB or 2GiB'],
  ['a size in other units', 'type: output, destination: d, weight: {memory: 512MB}', 'expected a size such as 512MiB or 2GiB'],
  ['retries of what has no attempts', 'type: approval, message: Go?, approvers: [a], retry: {attempts: 2}', 'unknown field retry'],
  ['a pool that there is not', 'type: output, destination: d, pool: stram', 'unknown value "stram"; did you mean stream?'],
])('%s', (_what, fields, expected) => {
  expect(problemsOf(withTask(fields)).join('\n')).toContain(expected);
});

test.each([
  ['schedule and schedules', 'schedule: {type: manual}\nschedules: [{type: manual}]\n', 'expected schedule or schedules, found both'],
  [
    'two schedules of one name',
    'schedules: [{type: interval, every: 1h}, {type: interval, every: 2h}]\n',
    'schedules[1]: another schedule is already named interval',
  ],
  ['a continuous schedule beside another', 'schedules: [{type: continuous, interval: 1s}, {type: manual}]\n', 'its run does not end'],
  [
    'a zone that there is not',
    'schedule: {type: cron, expression: "0 0 * * *", timezone: Europe/Berln}\n',
    'schedule.timezone: expected a time zone such as',
  ],
  [
    'a minute that there is not',
    'schedule: {type: cron, expression: "60 0 * * *"}\n',
    '3:36 schedule.expression: minute 60 is not within 0–59',
  ],
  [
    'a catch-up that is none',
    'schedule: {type: interval, every: 1h, catch_up: {al: 3}}\n',
    'schedule.catch_up: expected none, latest, or all',
  ],
  ['a misspelt dst', 'schedule: {type: cron, expression: "0 0 * * *", dst: {gap: shft}}\n', 'unknown value "shft"; did you mean shift?'],
  ['itself as a dependency', 'dependencies: [w]\n', 'dependencies[0]: w cannot need itself'],
])('a workflow with %s', (_what, more, expected) => {
  expect(problemsOf(withTask('type: wait, duration: 1s', more)).join('\n')).toContain(expected);
});

test('a default of another type than its parameter is refused', () => {
  expect(problemsOf('name: w\nparameters: {k: {type: number, default: "11"}}\ntasks: [{name: t, type: wait, duration: 1s}]\n')).toEqual([
    '2:41 parameters.k.default: the default of k is not a number',
  ]);
});

test('files may go into a table, all of its columns or those that are mapped', () => {
  const load = 'type: batch, source: s, file_pattern: a, destination: warehouse.code_description';
  expect(problemsOf(withTask(load))).toEqual([]);
  expect(problemsOf(withTask(`${load}, columns: {system: S, code: C, description: D, effective_to: E}`))).toEqual([]);
});

test('a definition that declares no parameter may speak of any', () => {
  expect(problemsOf('name: w\ntasks: [{name: t, type: wait, duration: 1s, when: parameters.full == true}]\n')).toEqual([]);
});

test('two tasks of one name are told, not also as a circle', () => {
  expect(problemsOf(`name: w\ntasks:\n${'  - {name: t, type: wait, duration: 1s, depends_on: [t]}\n'.repeat(2)}`)).toEqual([
    '4:12 tasks[1].name: another task is already named t',
  ]);
});
