import { expect, test } from '@jest/globals';
import { schemas, topics, type AvroField, type DeidReadingAccepted, type Topic } from '@vigil/contracts';
import { createValueEncoder } from '@vigil/kafka';
import { bytesOn, driveDeidentifier } from '../test-support/drive-deidentifier.ts';
import { aClaim, aDataset, anAlert, aPatient, aReading, aWindow } from '../test-support/samples.ts';
import { createTopology, groupOf, planOf, plans } from './topology.ts';

const token = aReading().patientToken;
const mask = aDataset().maskOf(token);

test('every topic that analysts need has its de-identified form, keyed by the pseudonym, in the same order', async () => {
  const ward = driveDeidentifier();

  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: aReading() }, { key: token, value: aReading({ heartRate: 73 }) });
  await ward.pipe(topics.vitalsWindowClosed, { key: token, value: aWindow() });
  await ward.pipe(topics.alertRaised, { key: token, value: anAlert() });
  await ward.pipe(topics.patientChanged, { key: token, value: aPatient() });
  await ward.pipe(topics.claimAdjudicated, { key: 't1.policy', value: aClaim() });

  expect(ward.read(topics.deidReadingAccepted).map(({ heartRate }) => heartRate)).toEqual([72, 73]);
  const outputs = [
    topics.deidReadingAccepted,
    topics.deidWindowClosed,
    topics.deidAlertRaised,
    topics.deidPatientChanged,
    topics.deidClaimAdjudicated,
  ];
  for (const topic of outputs as readonly Topic<{ readonly pseudonym: string }>[]) {
    const written = ward.records(topic);
    expect(written.length).toBeGreaterThan(0);
    expect(written.every(({ key, value }) => key === mask.pseudonym && value.pseudonym === key)).toBe(true);
  }
  expect(ward.quarantined()).toEqual([]);
  expect(ward.ledger().reduce((sum, { processed }) => sum + processed, 0)).toBe(6);
});

test('one elapsed time serves all topics: differences between them are true', async () => {
  const ward = driveDeidentifier();
  const reading = aReading();

  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: reading });
  await ward.pipe(topics.alertRaised, {
    key: token,
    value: anAlert({ raisedAt: reading.observedAt + 5000, clearedAt: reading.observedAt + 9000 }),
  });

  const [accepted] = ward.read(topics.deidReadingAccepted);
  const [alert] = ward.read(topics.deidAlertRaised);
  expect(alert!.elapsedRaisedMs! - accepted!.elapsedMs!).toBe(5000);
  expect(alert!.elapsedClearedMs! - alert!.elapsedRaisedMs!).toBe(4000);
});

test('the age is meant at the time the record arrived, so that a replay gives the same', async () => {
  const ward = driveDeidentifier();
  const birthDate = Date.UTC(1934, 2, 16) / 86_400_000;

  await ward.pipe(topics.patientChanged, { key: token, value: aPatient({ birthDate }), timestamp: Date.UTC(2024, 2, 15) });
  await ward.pipe(topics.patientChanged, { key: token, value: aPatient({ birthDate }), timestamp: Date.UTC(2024, 2, 16) });

  expect(ward.read(topics.deidPatientChanged).map(({ ageGroup }) => ageGroup)).toEqual(['80-89', '90+']);
});

test('the erasure of a patient erases the pseudonym', async () => {
  const ward = driveDeidentifier();
  await ward.pipe(topics.patientChanged, { key: token, value: aPatient() }, { key: token, value: null });
  expect(ward.records(topics.deidPatientChanged).map(({ key, value }) => [key, value === null])).toEqual([
    [mask.pseudonym, false],
    [mask.pseudonym, true],
  ]);
});

test('a record without a patient, or with a time that no rule can take, goes to quarantine whole', async () => {
  const ward = driveDeidentifier();

  await ward.pipe(
    topics.vitalsReadingAccepted,
    { key: '', value: aReading({ patientToken: '' }) },
    { key: token, value: aReading({ observedAt: 9e15 }) },
    { key: token, value: aReading() },
  );

  expect(ward.quarantined().map(({ code }) => code)).toEqual(['MISSING_ID', 'DEID_RULE_FAILED']);
  expect(ward.read(topics.deidReadingAccepted)).toHaveLength(1);
});

test('a tombstone without a key goes to quarantine', async () => {
  const ward = driveDeidentifier();
  await ward.pipe(topics.patientChanged, { key: null, value: null });
  expect(ward.quarantined().map(({ code }) => code)).toEqual(['MISSING_ID']);
});

test('a field that a newer writer sends does not leave, whatever it holds', async () => {
  const ward = driveDeidentifier();
  const added: AvroField = { name: 'nextOfKin', type: 'string', default: '' };
  const newer = { ...schemas.readingAccepted, fields: [...schemas.readingAccepted.fields, added] };
  const encode = createValueEncoder(newer, ward.registry.register(newer));

  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: encode({ ...aReading(), nextOfKin: 'Jane CANARY' }) });

  expect(ward.read(topics.deidReadingAccepted)).toHaveLength(1);
  expect(Buffer.concat(bytesOn(ward, topics.deidReadingAccepted)).includes('CANARY')).toBe(false);
});

test('while the key is rotated, records that arrived before its end are written under both keys', async () => {
  const until = Date.UTC(2024, 2, 15, 10);
  const ward = driveDeidentifier({ datasets: { current: aDataset('d2'), previous: aDataset('d1'), dualUntilMs: until } });

  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: aReading(), timestamp: until - 1 });
  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: aReading(), timestamp: until });

  expect(ward.read(topics.deidReadingAccepted).map(({ pseudonym }) => pseudonym!.slice(0, 3))).toEqual(['d2.', 'd1.', 'd2.']);
});

test('an erasure reaches the dataset under the previous key, too, as long as there is that key', async () => {
  const ward = driveDeidentifier({ datasets: { current: aDataset('d2'), previous: aDataset('d1'), dualUntilMs: 0 } });

  await ward.pipe(topics.patientChanged, { key: token, value: null });

  expect(ward.records(topics.deidPatientChanged).map(({ key, value }) => [key?.slice(0, 3), value])).toEqual([
    ['d2.', null],
    ['d1.', null],
  ]);
});

test('a record that cannot be written under both keys is written under none', async () => {
  const ward = driveDeidentifier({ datasets: { previous: aDataset('d0'), dualUntilMs: Number.MAX_SAFE_INTEGER } });
  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: aReading({ observedAt: 9e15 }) });
  expect(ward.read(topics.deidReadingAccepted)).toEqual([]);
  expect(ward.quarantined()).toHaveLength(1);
});

test('shifted dates go to topics of their own, under a group of their own, and cannot be taken for Safe Harbor', async () => {
  const ward = driveDeidentifier({ mode: 'date-shift' });
  const shifted: Topic<DeidReadingAccepted> = { ...topics.deidReadingAccepted, name: 'shifted.vitals.reading.accepted.v1' };

  await ward.pipe(topics.vitalsReadingAccepted, { key: token, value: aReading() });

  const [record] = ward.records(shifted);
  const movedDays = (record!.value.elapsedMs! - aReading().observedAt) / 86_400_000;
  expect(groupOf('date-shift')).toBe('deidentifier-shifted');
  expect(record?.key).toMatch(/^shifted-d1\./);
  expect(Number.isInteger(movedDays) && movedDays !== 0 && Math.abs(movedDays) <= 365).toBe(true);
});

test('the topology reads what the catalogue gives this group, and writes what nobody else does', () => {
  const catalogue = Object.values(topics);
  const { name, sources, sinks } = createTopology({
    mode: 'safe-harbor',
    datasets: { current: aDataset(), previous: null, dualUntilMs: 0 },
    rules: { restrictedZip3: new Set(), deviceWords: new Set() },
  });

  expect(name).toBe('deidentifier');
  expect(sources.map(({ topic }) => topic.name).sort()).toEqual(
    catalogue
      .filter(({ readers }) => (readers as readonly string[]).includes('deidentifier'))
      .map((topic) => topic.name)
      .sort(),
  );
  expect(sinks.map(({ topic }) => topic.name).sort()).toEqual(
    catalogue
      .filter(({ writers }) => (writers as readonly string[]).includes('deidentifier'))
      .map((topic) => topic.name)
      .sort(),
  );
  expect(sinks.every(({ partitioning }) => partitioning === 'same')).toBe(true);
  expect(plans).toHaveLength(sources.length);
});

test('a topic without a de-identified form cannot be a source', () => {
  expect(() => planOf(topics.incidentChanged)).toThrow(/alerts.incident.changed.v1 has no de-identified form/);
});
