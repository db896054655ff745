import { expect, test } from '@jest/globals';
import { topics, type OutcomeRecorded, type VisitRecorded } from '@vigil/contracts';
import * as fc from 'fast-check';
import { bytesOn, driveDeidentifier } from '../test-support/drive-deidentifier.ts';
import { aDataset, dayOf } from '../test-support/samples.ts';

const { visitRecorded, outcomeRecorded, deidVisitRecorded, deidOutcomeRecorded } = topics;
const dataset = aDataset();
const patientToken = 't1.AbCdEfGhIjKlMnOpQrStUv';
const mask = dataset.maskOf(patientToken);
const visitedAt = Date.UTC(2024, 2, 15);

const aVisit = (changed: Partial<VisitRecorded> = {}): VisitRecorded => ({
  visitId: 'deadbeefdeadbeefdeadbeefdeadbeef',
  patientToken,
  visitDate: dayOf(2024, 3, 15),
  visitedAt,
  diagnosisCode: 'E119',
  diagnosisDescription: 'Type 2 diabetes of Jane Canary',
  treatmentCode: 'MED002',
  physicianId: 'DOC_CANARY',
  department: 'Cardiology',
  departmentClass: 'cardiology',
  extras: { note: 'canary' },
  source: 'canary_sftp',
  fileId: 'canary-file',
  line: 777,
  ...changed,
});

const anOutcome = (changed: Partial<OutcomeRecorded> = {}): OutcomeRecorded => ({
  outcomeId: 'cafebabecafebabecafebabecafebabe',
  change: 'update',
  patientToken,
  trialId: 'NCT0CANARY',
  enrollmentDate: dayOf(2024, 3, 15),
  enrolledAt: visitedAt,
  treatmentArm: 'Placebo, as Dr Canary wished',
  armCode: 'placebo',
  primaryEndpointTenThousandths: 123_450,
  secondaryEndpoints: '{"canary":1}',
  secondaryValues: { canary: 1 },
  adverseEvents: '[{"term":"canary"}]',
  adverseEventCount: 2,
  seriousEventCount: 1,
  completionStatus: 'lost',
  position: '0/CANARY',
  changedAt: visitedAt + 1,
  source: 'canary_db',
  fileId: 'canary-file',
  line: 777,
  ...changed,
});

async function visitAs(changed: Partial<VisitRecorded>) {
  const driver = driveDeidentifier();
  await driver.pipe(visitRecorded, { key: patientToken, value: aVisit(changed) });
  expect(driver.quarantined()).toEqual([]);
  return driver.read(deidVisitRecorded)[0]!;
}

async function outcomeAs(changed: Partial<OutcomeRecorded>) {
  const driver = driveDeidentifier();
  await driver.pipe(outcomeRecorded, { key: patientToken, value: anOutcome(changed) });
  expect(driver.quarantined()).toEqual([]);
  return driver.read(deidOutcomeRecorded)[0]!;
}

test('a visit keeps its codes and the class of its department, and loses who, where and when', async () => {
  expect(await visitAs({})).toEqual({
    visitId: dataset.idOf('deadbeefdeadbeefdeadbeefdeadbeef'),
    pseudonym: mask.pseudonym,
    approxYear: new Date(visitedAt + mask.yearOffsetMs).getUTCFullYear(),
    elapsedMs: visitedAt + mask.elapsedOffsetMs,
    diagnosisCode: 'E119',
    treatmentCode: 'MED002',
    physicianKey: dataset.idOf('DOC_CANARY'),
    departmentClass: 'cardiology',
  });
});

test('an outcome keeps its numbers, status and the class of its arm; trial and arm are keyed', async () => {
  expect(await outcomeAs({})).toEqual({
    outcomeId: dataset.idOf('cafebabecafebabecafebabecafebabe'),
    change: 'update',
    pseudonym: mask.pseudonym,
    trialKey: dataset.idOf('NCT0CANARY'),
    approxYear: new Date(visitedAt + mask.yearOffsetMs).getUTCFullYear(),
    elapsedEnrolledMs: visitedAt + mask.elapsedOffsetMs,
    armKey: dataset.idOf('Placebo, as Dr Canary wished'),
    armCode: 'placebo',
    primaryEndpointTenThousandths: 123_450,
    adverseEventCount: 2,
    seriousEventCount: 1,
    completionStatus: 'lost',
  });
});

test('text in the place of a code or class does not leave', async () => {
  expect(await visitAs({ diagnosisCode: 'Jane', treatmentCode: '20240315', departmentClass: 'St Canary' })).toMatchObject({
    diagnosisCode: null,
    treatmentCode: null,
    departmentClass: null,
  });
  expect(await outcomeAs({ armCode: 'Jane', completionStatus: 'went home to Palo Alto' })).toMatchObject({
    armCode: null,
    completionStatus: null,
  });
  expect(await visitAs({ diagnosisCode: '', treatmentCode: '99213', physicianId: '' })).toMatchObject({
    diagnosisCode: '',
    treatmentCode: '99213',
    physicianKey: null,
  });
  expect(await outcomeAs({ enrollmentDate: null, enrolledAt: null, treatmentArm: '', armCode: '', completionStatus: '' })).toMatchObject({
    approxYear: null,
    elapsedEnrolledMs: null,
    armKey: null,
    armCode: '',
    completionStatus: '',
  });
});

test.each(['MAR-2024', 'DEC24', 'SEPT_9', 'ANN1985', 'VS_2019A'])(
  'a date in the form of a treatment code does not leave: %s',
  async (treatmentCode) => {
    expect(await visitAs({ treatmentCode })).toMatchObject({ treatmentCode: null });
  },
);

/** Every form in which a day or a time stands in the bytes of a record: Avro writes zig-zag numbers. */
function zigZag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value) * 2n;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

const word = fc.stringMatching(/^[A-Z][a-z]{6,12}$/);
const identity = fc.record({
  token: fc.stringMatching(/^t1\.[A-Za-z0-9_-]{22}$/),
  ids: fc.tuple(fc.stringMatching(/^[0-9a-f]{32}$/), fc.stringMatching(/^[0-9a-f]{32}$/)),
  words: fc.tuple(word, word, word, word),
  trial: fc.stringMatching(/^NCT[0-9]{8}$/),
  day: fc.integer({ min: dayOf(2000, 1, 1), max: dayOf(2035, 1, 1) }),
  /** Where a careless hospital writes a name. */
  misplaced: fc.constantFrom('none', 'diagnosisCode', 'treatmentCode', 'departmentClass'),
});

test('no identifier and no date of the input stands in any byte that leaves', async () => {
  await fc.assert(
    fc.asyncProperty(identity, async ({ token, ids, words, trial, day, misplaced }) => {
      const [name, physician, department, arm] = words;
      const at = day * 86_400_000;
      const driver = driveDeidentifier();
      const visit = { visitId: ids[0], patientToken: token, visitDate: day, visitedAt: at, physicianId: physician, department, diagnosisDescription: name, extras: { [name]: name } }; // prettier-ignore
      await driver.pipe(visitRecorded, { key: token, value: aVisit({ ...visit, [misplaced]: name }) });
      const outcome = { outcomeId: ids[1], patientToken: token, trialId: trial, enrollmentDate: day, enrolledAt: at, treatmentArm: arm, armCode: arm, secondaryEndpoints: name, adverseEvents: name, changedAt: at + 1, position: name }; // prettier-ignore
      await driver.pipe(outcomeRecorded, { key: token, value: anOutcome(outcome) });

      const written = [...bytesOn(driver, deidVisitRecorded), ...bytesOn(driver, deidOutcomeRecorded)];
      expect(written).toHaveLength(2);
      const all = Buffer.concat(written);
      for (const text of [token, token.slice(3), ...ids, ...words, trial, 'anary', 'ANARY', new Date(at).toISOString().slice(0, 10)])
        expect({ text, leaks: all.includes(text) }).toMatchObject({ leaks: false });
      for (const time of [at, at + 1]) expect({ time, leaks: all.includes(zigZag(time)) }).toMatchObject({ leaks: false });
    }),
    { numRuns: 25 },
  );
});

test('no year flips between two days at the true 1 January', async () => {
  const newYear = dayOf(2025, 1, 1);
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^t1\.[A-Za-z0-9_-]{22}$/), async (token) => {
      const years: unknown[] = [];
      for (const day of [newYear - 1, newYear]) {
        const visit = { patientToken: token, visitDate: day, visitedAt: day * 86_400_000 };
        years.push((await visitAs(visit)).approxYear);
      }
      expect(years[0]).toBe(years[1]);
    }),
    { numRuns: 8 },
  );
});
