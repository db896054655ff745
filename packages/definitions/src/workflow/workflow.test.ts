import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { inspectDefinition, parseDefinition } from '../parse-definition.ts';
import { loadWorkflowDefinition } from './load-workflow-definition.ts';
import { monitoringParametersOf } from './monitoring-parameters.ts';
import { celsiusOf, vitalLimitsOf } from './vital-limits.ts';
import { workflowSchema } from './workflow-schema.ts';

const monitoringFile = fileURLToPath(new URL('../../../../workflows/definitions/patient_monitoring_workflow.yaml', import.meta.url));
const monitoringText = readFileSync(monitoringFile, 'utf8');

/** The customer's second definition, as it stands. */
const claimsText = `name: claims_processing_workflow
description: Insurance claims validation and processing
schedule: {type: cron, expression: "0 */4 * * *"}
dependencies: []
tasks:
  - {name: extract_claims, type: batch, source: claims_sftp, file_pattern: "claims_*.json"}
  - name: validate_claims
    type: validation
    depends_on: [extract_claims]
    rules:
      - required_fields: [claim_id, patient_id, service_date]
      - amount_range: [0, 50000]
      - date_format: "YYYY-MM-DD"
  - name: enrich_claims
    type: transformation
    depends_on: [validate_claims]
    enrichment_sources: [patient_database, provider_database, policy_database]
  - {name: calculate_coverage, type: business_logic, depends_on: [enrich_claims], function: coverage_calculator}
  - {name: generate_adjudication, type: output, depends_on: [calculate_coverage], destination: claims_processing_system}
error_handling: {retry_attempts: 2, retry_delay: 60s, fallback_action: manual_review_queue}
`;

const problemsOf = (text: string) => {
  const parsed = inspectDefinition(text, workflowSchema);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
};

test('the monitoring definition gives limits, threshold, window and delays in our units', () => {
  expect(monitoringParametersOf(loadWorkflowDefinition(monitoringFile))).toEqual({
    limits: { heart_rate: { low: 40, high: 200 }, systolic: { low: 70, high: 250 }, temperature_c: { low: 35, high: 43.333333333 } },
    deviationThreshold: 2.5,
    windowMs: 300_000,
    criticalDelayMs: 0,
    warningDelayMs: 300_000,
  });
});

test('the claims definition is read as it stands', () => {
  const definition = parseDefinition(claimsText, 'claims.yaml', workflowSchema);

  expect(definition.tasks.map(({ type }) => type)).toEqual(['batch', 'validation', 'transformation', 'business_logic', 'output']);
  expect(definition.error_handling).toEqual({ retry_attempts: 2, retry_delay: 60_000, fallback_action: 'manual_review_queue' });
  expect(vitalLimitsOf(definition)).toEqual({});
});

test('a definition that cannot monitor names all it lacks', () => {
  expect(() => monitoringParametersOf(parseDefinition(claimsText, 'claims.yaml', workflowSchema))).toThrow(
    /claims_processing_workflow lacks parameters\.threshold .*window_size .*critical_anomaly .*warning_anomaly/u,
  );
});

test.each([
  [
    'a misspelt vital',
    ['- heart_rate: [40', '- hart_rate: [40'],
    '10:9 tasks[0].validation_rules[0].hart_rate: unknown field hart_rate; did you mean heart_rate?',
  ],
  ['a misspelt kind', ['type: alerting', 'type: alertin'], '19:11 tasks[2].type: unknown type alertin; did you mean alerting?'],
  ['a misspelt condition', ['critical_anomaly:', 'critical_anomly:'], 'unknown field critical_anomly; did you mean critical_anomaly?'],
  [
    'a limit turned round',
    ['[40, 200]', '[200, 40]'],
    '10:21 tasks[0].validation_rules[0].heart_rate: the lower limit must be below the upper one',
  ],
  [
    'a limit that is a word',
    ['[40, 200]', 'high'],
    '10:21 tasks[0].validation_rules[0].heart_rate: expected a range of two numbers such as [40, 200]',
  ],
  ['a limit that is not finite', ['[40, 200]', '[40, .inf]'], '10:26 tasks[0].validation_rules[0].heart_rate[1]'],
  [
    'a bad duration',
    ['window_size: 300s', 'window_size: 300'],
    '17:47 tasks[1].parameters.window_size: expected a duration such as 30s, 5min or 1h',
  ],
  ['a window of no length', ['window_size: 300s', 'window_size: 0s'], '17:47 tasks[1].parameters.window_size: expected a duration above 0'],
  ['an interval of no length', ['interval: 30s', 'interval: 0.1ms'], 'schedule.interval: expected a duration above 0'],
  ['a bad delay', ['5min_delay', 'later'], 'expected immediate or a delay such as 5min_delay'],
  [
    'a task that does not exist',
    ['depends_on: [detect_anomalies]', 'depends_on: [detect_anomaly]'],
    'no task is named detect_anomaly; did you mean detect_anomalies?',
  ],
  [
    'a repeated task',
    ['name: trigger_alerts', 'name: ingest_vital_signs'],
    '18:11 tasks[2].name: another task is already named ingest_vital_signs',
  ],
  [
    'a circle',
    ['source: medical_devices', 'source: medical_devices\n    depends_on: [trigger_alerts]'],
    'tasks[0].depends_on: the task waits for itself in a circle',
  ],
  ['two rules in one entry', ['[40, 200]', '[40, 200]\n        temperature: [95, 110]'], 'expected one rule an entry, found 2'],
  ['a schedule without its interval', ['interval: 30s', 'intervall: 30s'], 'unknown field intervall; did you mean interval?'],
  ['a bad fallback', ['quarantine_data', 'quarantine'], 'unknown value "quarantine"; expected one of quarantine_data, manual_review_queue'],
  ['a bad name', ['name: patient_monitoring_workflow', 'name: Patient monitoring'], 'expected a name of lower-case letters'],
  ['a typo in a top field', ['description:', 'descripton:'], '2:1 descripton: unknown field descripton; did you mean description?'],
])('%s is reported with its place', (_what, [from = '', to = ''], expected) => {
  expect(problemsOf(monitoringText.replace(from, to)).join('\n')).toContain(expected);
});

test('an entry whose only rule is misspelt is one problem, an empty one too', () => {
  expect(problemsOf(monitoringText.replace('- heart_rate: [40', '- hart_rate: [40'))).toHaveLength(1);
  expect(problemsOf(monitoringText.replace('- heart_rate: [40, 200]', '- {}'))).toEqual([
    '10:9 tasks[0].validation_rules[0]: expected one rule an entry, found 0',
  ]);
});

test('a schedule that is no cron expression is refused', () => {
  expect(problemsOf(claimsText.replace('0 */4 * * *', 'every day'))).toEqual([
    '3:36 schedule.expression: expected five cron fields such as "0 */4 * * *"',
  ]);
});

test('a file that is missing or not UTF-8 is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-definitions-'));
  const latin1 = join(folder, 'latin1.yaml');
  writeFileSync(latin1, Buffer.from([0x6e, 0xe9]));

  expect(() => loadWorkflowDefinition(join(folder, 'none.yaml'))).toThrow(/none\.yaml cannot be read as a UTF-8 text file/u);
  expect(() => loadWorkflowDefinition(latin1)).toThrow(/latin1\.yaml cannot be read as a UTF-8 text file/u);
  rmSync(folder, { recursive: true });
});

test('a limit in °F is met by the same reading in °C', () => {
  expect(celsiusOf(95)).toBe(35);
  expect(celsiusOf(98.6)).toBe(37);
});
