import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { topics, type AlertRaised, type ReadingAccepted, type WindowClosed } from '@vigil/contracts';
import { monitoringParametersOf, parseDefinition, workflowSchema } from '@vigil/definitions';
import { drive } from '@vigil/testing';
import { aReading, healthy, tenOClock, type ReadingParts } from '../test-support/a-reading.ts';
import { rulesWith, settingsOf } from '../test-support/test-rules.ts';
import { createClinicalRules } from './clinical-rules.ts';
import { defaultWorkflowsDir } from './config.ts';
import { createTopology, monitoringWorkflow } from './topology.ts';

const customers = readFileSync(join(defaultWorkflowsDir, 'definitions', `${monitoringWorkflow}.yaml`), 'utf8');

/** The stage on the engine, its rules from the table. @param windowSize  of the file it is started with */
function openWard(env: Readonly<Record<string, string>> = {}, windowSize = '300s') {
  const told: string[] = [];
  const settings = settingsOf(env);
  const textOf = (changes: Readonly<Record<string, string>>): string =>
    Object.entries(changes).reduce((text, [from, to]) => text.replace(from, to), customers);
  const rulesOf = (text: string) => createClinicalRules(monitoringParametersOf(parseDefinition(text, 'w', workflowSchema)), settings);
  const observer = {
    inForce: (version: number) => void told.push(`in force ${version}`),
    refused: (version: number) => void told.push(`refused ${version}`),
  };
  const started = rulesOf(textOf({ 'window_size: 300s': `window_size: ${windowSize}` }));
  const driver = drive(createTopology(started, undefined, { rulesOf, observer }), { startMs: tenOClock });
  return {
    driver,
    told,
    read: (...readings: readonly ReadingAccepted[]) =>
      driver.pipe(
        topics.vitalsReadingAccepted,
        ...readings.map((value) => ({ key: value.patientToken, value, timestamp: value.receivedAt })),
      ),
    deploy: (version: number, changes: Readonly<Record<string, string>>, workflow: string = monitoringWorkflow) =>
      driver.pipe(topics.parametersChanged, {
        key: `${workflow}|${version}`,
        value: { workflow, version, sha256: '', definition: textOf(changes), deployedAt: 0, deployedBy: 'test', inForceFrom: {} },
      }),
    alerts: () =>
      driver
        .read<AlertRaised>(topics.alertRaised)
        .map(({ change, rule, vital, patientToken }) => `${change} ${rule} ${vital} ${patientToken}`),
    /** Of the heart rate: start, size in minutes, revision and count of every window that was told. */
    windows: () =>
      driver
        .read<WindowClosed>(topics.vitalsWindowClosed)
        .filter(({ vital }) => vital === 'heart_rate')
        .map(
          ({ windowStart, sizeMs, revision, n }) =>
            `${new Date(windowStart).toISOString().slice(11, 16)}/${sizeMs / 60_000} r${revision} n${n}`,
        ),
  };
}

const at = (time: string, over: ReadingParts = {}): ReadingAccepted => aReading({ ...healthy, at: time, ...over });
const narrower = { 'heart_rate: [40, 200]': 'heart_rate: [60, 200]', 'warning_anomaly: 5min_delay': 'warning_anomaly: immediate' };

test('from the offset on at which a version came into force its limits hold, without a restart, and the ledger tells that offset', async () => {
  const ward = openWard();
  await ward.read(at('10:00:00', { heartRate: 55, patientToken: 't1.before' }));
  await ward.deploy(1, narrower);
  await ward.read(at('10:00:10', { heartRate: 55, patientToken: 't1.after' }));

  expect(ward.alerts()).toEqual(['raised limit-low heart_rate t1.after']);
  expect(ward.told).toEqual(['in force 1']);
  const place = `${topics.parametersChanged.name}-0`;
  const rows = ward.driver.ledger().filter(({ topic }) => topic === topics.vitalsReadingAccepted.name);
  expect(rows.map(({ firstOffset, tablePositions }) => [firstOffset, tablePositions[place]])).toEqual([
    [0, 0],
    [1, 1],
  ]);
});

test('what was decided by the version before is committed before the next one decides, also after a restart', async () => {
  const ward = openWard();
  await ward.deploy(1, narrower);
  await ward.driver.restart();
  await ward.read(at('10:00:00', { heartRate: 55, patientToken: 't1.narrow' }));
  await ward.deploy(2, {});
  await ward.read(at('10:00:10', { heartRate: 55, patientToken: 't1.wide' }));

  expect(ward.alerts()).toEqual(['raised limit-low heart_rate t1.narrow']);
  expect(ward.told).toEqual(['in force 1', 'in force 1', 'in force 2']);
});

test('a version that cannot be read, or worked by, leaves the one before in force; other workflows are none of its business', async () => {
  const ward = openWard({ VIGIL_WINDOW_ADVANCE_MS: '60000' });
  await ward.deploy(1, narrower);
  await ward.deploy(2, { 'type: alerting': 'type: alertin' });
  await ward.deploy(3, { 'window_size: 300s': 'window_size: 90s' });
  await ward.deploy(4, {}, 'claims_processing_workflow');
  await ward.driver.pipe(topics.parametersChanged, { key: `${monitoringWorkflow}|1`, value: null });
  await ward.read(at('10:00:10', { heartRate: 55, patientToken: 't1.a' }));

  expect(ward.told).toEqual(['in force 1', 'refused 2', 'refused 3']);
  expect(ward.alerts()).toEqual(['raised limit-low heart_rate t1.a']);
});

test('windows become larger: what was told stays, and the open ones go on in the new size', async () => {
  const ward = openWard();
  await ward.read(at('10:01:00'), at('10:06:30'));
  expect(ward.windows()).toEqual(['10:00/5 r0 n1']);
  await ward.deploy(1, { 'window_size: 300s': 'window_size: 600s' });
  await ward.read(at('10:07:00'), at('10:11:20'));

  expect(ward.windows()).toEqual(['10:00/5 r0 n1', '10:00/10 r0 n3']);
});

test('windows become smaller: those of the new size that are final already are told at once, so that no reading is in no window', async () => {
  const ward = openWard({}, '600s');
  await ward.read(at('10:00:30'), at('10:03:00'), at('10:06:00'), at('10:08:00'));
  expect(ward.windows()).toEqual([]);
  await ward.deploy(1, {});
  await ward.read(at('10:08:10'));
  expect(ward.windows()).toEqual(['10:00/5 r0 n2']);
  await ward.read(at('10:11:20'));

  expect(ward.windows()).toEqual(['10:00/5 r0 n2', '10:05/5 r0 n3']);
});

test('a patient of whom nothing comes any more is cut anew by the next look, and after a restart at the next reading', async () => {
  const ward = openWard({}, '600s');
  const other = { patientToken: 't1.other' };
  await ward.read(at('10:00:30'), at('10:08:00'), at('10:00:30', other), at('10:08:00', other));
  await ward.deploy(1, {});
  await ward.driver.advance(2000);
  expect(ward.windows()).toEqual(['10:00/5 r0 n1', '10:00/5 r0 n1']);

  const next = openWard({}, '600s');
  await next.read(at('10:00:30'), at('10:08:00'));
  await next.deploy(1, {});
  await next.driver.restart();
  await next.read(at('10:08:10'));
  expect(next.windows()).toEqual(['10:00/5 r0 n1']);
});

test('where windows are all that is wanted a change of their size reaches the short way, too', async () => {
  const ward = openWard({ VIGIL_ALERT_RULES: 'false' }, '600s');
  await ward.read(at('10:00:30'), at('10:03:00'), at('10:08:00'));
  await ward.deploy(1, {});
  await ward.read(at('10:08:10'), at('10:13:00'), at('10:20:00'));

  // What lies in one pane stays together: 10:08 came in before the change, into a pane of ten minutes.
  expect(ward.windows()).toEqual(['10:00/5 r0 n3', '10:05/5 r0 n1', '10:10/5 r0 n1']);
});

test('rules that never change need no table', () => {
  expect(createTopology(rulesWith()).tables).toEqual({});
});
