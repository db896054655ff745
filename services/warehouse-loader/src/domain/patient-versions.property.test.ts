import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { advancePatientVersions, type PatientChange, type PatientVersion } from './patient-versions.ts';

const change = fc.record({
  pseudonym: fc.constantFrom('a', 'b'),
  value: fc.option(
    fc.record({ ageGroup: fc.constantFrom('40-44', '45-49'), sex: fc.constantFrom('female', null), zip3: fc.constant(null) }),
  ),
});

const placed = (changes: readonly { pseudonym: string; value: object | null }[], loadOf: (index: number) => number): PatientChange[] =>
  changes.map(({ pseudonym, value }, offset) => ({
    pseudonym,
    value: value && ({ pseudonym, ...value } as PatientChange['value']),
    source: { topic: 't', partition: 0, offset, loadId: loadOf(offset) },
  }));

function applied(changes: readonly PatientChange[], cuts: readonly number[]) {
  const current = new Map<string, PatientVersion>();
  const history: unknown[] = [];
  let from = 0;
  for (const to of [...cuts, changes.length]) {
    const versions = advancePatientVersions(current, changes.slice(from, to));
    for (const version of versions.current) current.set(version.pseudonym, version);
    history.push(...versions.history);
    from = to;
  }
  return { current: Object.fromEntries(current), history: history.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))) };
}

test('versions do not depend on how the log was split into batches', () => {
  fc.assert(
    fc.property(fc.array(change), fc.array(fc.nat(20)), (values, at) => {
      const changes = placed(values, (offset) => offset);
      const cuts = at.filter((cut) => cut <= changes.length).sort((a, b) => a - b);
      expect(applied(changes, cuts)).toEqual(applied(changes, []));
    }),
  );
});

test('a row that was made for a reading is filled in place and keeps when it began', () => {
  const early = { pseudonym: 'a', sex: null, ageGroup: null, zip3: null, validFromLoad: 3, source: null };
  const [filling] = placed([{ pseudonym: 'a', value: { sex: 'male', ageGroup: null, zip3: null } }], () => 9);
  expect(advancePatientVersions(new Map([['a', early]]), [filling as PatientChange])).toEqual({
    current: [{ pseudonym: 'a', sex: 'male', ageGroup: null, zip3: null, validFromLoad: 3, source: filling?.source }],
    history: [],
  });
});
