import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { inspectDefinition, workflowSchema } from '@vigil/definitions';
import { findDefinitions } from './find-definitions.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'vigil-deploy-')), 'workflows');
cpSync(fileURLToPath(new URL('../../../../workflows', import.meta.url)), folder, { recursive: true });
afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

test('a folder stands for its definitions and then its schedules, each as it lies there', () => {
  expect(findDefinitions([folder]).map(({ kind, group }) => `${kind} ${group}`)).toEqual([
    'definition claims_processing_workflow',
    'definition data_quality_workflow',
    'definition patient_monitoring_workflow',
    'definition reference_codes_workflow',
    'definition regulatory_reporting_workflow',
    'definition replication_slots_workflow',
    'definition research_analytics_workflow',
    'schedules daily_schedules',
    'schedules event_triggers',
    'schedules hourly_schedules',
  ]);
});

test('a definition on a template is deployed with the template in place', () => {
  const file = join(folder, 'definitions', 'daily_visits.yaml');
  writeFileSync(file, 'name: daily_visits\ntemplate: batch_job\nwith: {source: ehr_sftp, file_pattern: "daily_*.csv"}\n');
  const [found] = findDefinitions([file]);
  const read = inspectDefinition(found?.text ?? '', workflowSchema);

  expect(read.ok && read.value.tasks.map(({ name }) => name)).toEqual(['extract', 'check_quality', 'load']);
  writeFileSync(file, 'name: daily_visits\ntemplate: batch_job\nwith: {source: ehr_sftp}\n');
  expect(() => findDefinitions([file])).toThrow(/daily_visits\.yaml:3:7 with\.file_pattern: file_pattern is missing/u);
});

test('a file that is not there is named', () => {
  expect(() => findDefinitions([join(folder, 'none.yaml')])).toThrow(/none\.yaml cannot be read/u);
});
