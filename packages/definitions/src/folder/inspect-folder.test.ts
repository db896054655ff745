import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { inspectFolder, templatesOf, type FolderTexts } from './inspect-folder.ts';
import { readFolder } from './read-folder.ts';

const ours = readFolder(fileURLToPath(new URL('../../../../workflows', import.meta.url)));

const problemsOf = (texts: FolderTexts): string[] =>
  inspectFolder(texts).problems.map(({ file, line, column, path, message }) => `${file}:${line}:${column} ${path}: ${message}`);

/** The folder as it stands, with one more definition. */
const withDefinition = (text: string): string[] => problemsOf({ ...ours, 'definitions/zz.yaml': text });
const withTask = (task: string): string[] => withDefinition(`name: zz\ntasks:\n  - {name: t, ${task}}\n`);
const withSchedule = (entry: string): string[] => problemsOf({ ...ours, 'schedules/zz.yaml': `schedules:\n  - {name: zz, ${entry}}\n` });

test('every file of workflows/ is right, for itself and in what it says of the others', () => {
  expect(problemsOf(ours)).toEqual([]);
  expect(inspectFolder(ours).definitions.map(({ value }) => value.name)).toEqual([
    'claims_processing_workflow',
    'data_quality_workflow',
    'patient_monitoring_workflow',
    'reference_codes_workflow',
    'regulatory_reporting_workflow',
    'replication_slots_workflow',
    'research_analytics_workflow',
  ]);
});

test.each([
  ['batch_job', 'with: {source: ehr_sftp, file_pattern: "visits_*.csv"}'],
  ['streaming_job', ''],
  ['monitoring', 'with: {function: sql_late_files}'],
])('a definition can stand on the template %s', (template, given) => {
  expect(withDefinition(`name: zz\ntemplate: ${template}\n${given}\n`)).toEqual([]);
});

test.each([
  'type: batch, source: research_database, table: clinical_trials, partitions: 4',
  'type: batch, source: research_changes, table: clinical_trials, partitions: 1',
])('a table is read as its source allows: %s', (task) => {
  expect(withTask(task)).toEqual([]);
});

test('every template of the folder has its test above', () => {
  expect(Object.keys(templatesOf(ours))).toEqual(['batch_job', 'monitoring', 'streaming_job']);
});

test.each([
  ['type: batch, source: ehr_sfpt, file_pattern: "*"', '3:36 tasks[0].source: no source is named ehr_sfpt; did you mean ehr_sftp?'],
  ['type: batch, source: ehr_sftp, table: visits', 'the source ehr_sftp is of kind sftp, expected sql, cdc, http'],
  ['type: batch, source: research_database, file_pattern: "*"', 'the source research_database is of kind sql, expected local, sftp, s3'],
  [
    'type: batch, source: research_database, table: clinical_trails',
    'tasks[0].table: the source research_database declares no table clinical_trails; did you mean clinical_trials?',
  ],
  [
    'type: batch, source: research_changes, table: clinical_trials, partitions: 2',
    'tasks[0].partitions: the source research_changes is of kind cdc, which is read in one order: expected 1 partition',
  ],
  ['type: batch, source: patient_registry_api, table: patients, partitions: 2', 'is of kind http, which is read in one order'],
  [
    'type: batch, source: code_lists, file_pattern: "*"',
    '3:5 tasks[0]: the source code_lists holds rows: expected the table that they go into as destination',
  ],
  [
    'type: batch, source: ehr_sftp, file_pattern: "*", destination: warehouse.code_description',
    'tasks[0].destination: the source ehr_sftp holds visits, which go through the stream; only rows go into a table',
  ],
  ['type: streaming, source: ehr_sftp', 'the source ehr_sftp is of kind sftp, expected stream'],
  [
    'type: workflow, workflow: claims_procesing_workflow',
    'no workflow is named claims_procesing_workflow; did you mean claims_processing_workflow?',
  ],
  ['type: output, destination: d, weight: {slots: 33}', '3:61 tasks[0].weight.slots: slots is more than the whole pool default has: 32'],
  ['type: batch, source: ehr_sftp, file_pattern: "*", weight: {memory: 17GiB}', 'memory is more than the whole pool batch has: 16384'],
  ['type: output, destination: d, pool: stream, weight: {slots: 513}', 'slots is more than the whole pool stream has: 512'],
])('a task with %s', (task, expected) => {
  expect(withTask(task).join('\n')).toContain(expected);
});

test.each([
  ['workflow: zz, schedule: {type: manual}', 'schedules/zz.yaml:2:26 schedules[0].workflow: no workflow is named zz'],
  [
    'workflow: research_analytics_workflow, schedule: {type: manual}, parameters: {kk: 5}',
    'no parameter of research_analytics_workflow is named kk; did you mean k?',
  ],
  ['workflow: research_analytics_workflow, schedule: {type: manual}, parameters: {k: "5"}', 'schedules[0].parameters.k: expected a number'],
  ['workflow: claims_processing_workflow, schedule: {type: manual}, parameters: {any: 5}', ''],
  [
    'workflow: claims_processing_workflow, schedule: {type: upstream, workflow: w}',
    'schedules[0].schedule.workflow: no workflow is named w',
  ],
  [
    'workflow: claims_processing_workflow, schedule: {type: file, source: s, pattern: "*"}',
    'schedules[0].schedule.source: no source is named s',
  ],
])('an entry of schedules/ with %s', (entry, expected) => {
  expect(withSchedule(entry).join('\n')).toContain(expected);
});

test('what a definition says of others is checked: schedules and dependencies', () => {
  const tasks = 'tasks: [{name: t, type: wait, duration: 1s}]\n';

  expect(withDefinition(`name: zz\nschedule: {type: upstream, workflow: w}\n${tasks}`)[0]).toContain('2:38 schedule.workflow: no workflow');
  expect(withDefinition(`name: zz\nschedules: [{type: upstream, workflow: w}]\n${tasks}`)[0]).toContain(
    'schedules[0].workflow: no workflow',
  );
  expect(withDefinition(`name: zz\ndependencies: [w]\n${tasks}`)[0]).toContain('2:16 dependencies[0]: no workflow is named w');
  expect(withDefinition(`name: claims_processing_workflow\n${tasks}`)).toEqual([
    'definitions/zz.yaml:1:7 name: definitions/claims_processing_workflow.yaml already defines claims_processing_workflow',
  ]);
});

test('workflows that run one another in a circle are refused', () => {
  const running = (name: string, other: string): string => `name: ${name}\ntasks: [{name: t, type: workflow, workflow: ${other}}]\n`;
  const texts = {
    'definitions/a.yaml': running('a', 'b'),
    'definitions/b.yaml': running('b', 'a'),
    'definitions/c.yaml': running('c', 'a'),
  };

  expect(problemsOf(texts)).toEqual([
    'definitions/a.yaml:2:8 tasks: a runs itself by way of other workflows',
    'definitions/b.yaml:2:8 tasks: b runs itself by way of other workflows',
  ]);
});

test('workflows that wait for one another in a circle are refused', () => {
  const needing = (name: string, other: string): string =>
    `name: ${name}\ndependencies: [${other}]\ntasks: [{name: t, type: wait, duration: 1s}]\n`;
  const texts = {
    'definitions/a.yaml': needing('a', 'b'),
    'definitions/b.yaml': needing('b', 'a'),
    'definitions/c.yaml': needing('c', 'a'),
  };

  expect(problemsOf(texts)).toEqual([
    'definitions/a.yaml:2:15 dependencies: a waits for itself by way of other workflows',
    'definitions/b.yaml:2:15 dependencies: b waits for itself by way of other workflows',
  ]);
});

test('without sources and pools nothing is said of them; a file that cannot be read ends the look at the others', () => {
  const text = 'name: a\ntasks: [{name: t, type: batch, source: nowhere, file_pattern: "*", weight: {slots: 999}}]\n';

  expect(problemsOf({ 'definitions/a.yaml': text })).toEqual([]);
  expect(problemsOf({ 'definitions/a.yaml': text, 'sources.yaml': 'sorces: {}\n' })).toEqual([
    'sources.yaml:1:1 sources: sources is missing',
    'sources.yaml:1:1 sorces: unknown field sorces; did you mean sources?',
  ]);
});

test.each([
  [
    'an address that stands in the file',
    'address: {env: VIGIL_EHR_DROP_FOLDER}',
    'address: /data/drop',
    'expected {env: NAME} or {file: PATH}: addresses and credentials do not stand in this file',
  ],
  ['a reference to nothing', 'address: {env: VIGIL_EHR_DROP_FOLDER}', 'address: {}', 'expected {env: NAME} or {file: PATH}'],
  ['a variable that is none', 'env: VIGIL_EHR_DROP_FOLDER', 'env: vigil drop', 'expected the name of an environment variable'],
  [
    'two ways to log in',
    'private_key: {env: VIGIL_EHR_SFTP_KEY}',
    'private_key: {env: A}, password: {env: B}',
    'expected one of private_key and password',
  ],
  ['no way to find changes', 'row_hash: true', 'overlap: 5min', 'expected either change_column or row_hash: true'],
  ['a column that is none', 'key: [trial_id, patient_id], row_hash', 'key: ["trial; id"], row_hash', 'expected the name of a column'],
  [
    'a table that is none',
    '      clinical_trials: {key: [trial_id, patient_id], row_hash',
    '      "x; drop": {key: [trial_id], row_hash',
    'expected a table such as public.clinical_trials',
  ],
])('a source with %s', (_what, from, to, expected) => {
  expect(problemsOf({ 'sources.yaml': (ours['sources.yaml'] ?? '').replace(from, to) }).join('\n')).toContain(expected);
});

test('a schedule listens to a topic that there is, where topics are known', () => {
  const found = (topics: readonly string[] | null) => inspectFolder(ours, topics).problems.map(({ message }) => message);

  expect(found(['quality.score.recorded.v1'])).toEqual([]);
  expect(found(['quality.scores.recorded.v1'])).toEqual([
    'no topic is named quality.score.recorded.v1; did you mean quality.scores.recorded.v1?',
  ]);
});

test('two schedules of one workflow cannot have one name', () => {
  const entry = '  - {name: a, workflow: w, schedule: {type: manual}}\n';

  expect(problemsOf({ 'schedules/a.yaml': `schedules:\n${entry}${entry}` })).toEqual([
    'schedules/a.yaml:3:12 schedules[1].name: another schedule of w is already named a',
  ]);
});

test('a folder is read with the files below it, and a file that is no text is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-folder-'));
  mkdirSync(join(folder, 'definitions'));
  writeFileSync(join(folder, 'definitions', 'a.yaml'), 'name: a\n');
  writeFileSync(join(folder, 'notes.txt'), 'nothing\n');

  expect(readFolder(folder)).toEqual({ 'definitions/a.yaml': 'name: a\n' });
  writeFileSync(join(folder, 'pools.yml'), Buffer.from([0x6e, 0xe9]));
  expect(() => readFolder(folder)).toThrow(/pools\.yml cannot be read as a UTF-8 text file/u);
  rmSync(folder, { recursive: true });
});
