import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createTableMapper } from '../tables/create-table-mapper.ts';
import { createTableProfile } from './table-profile.ts';

const key = { id: 'k', secret: Buffer.alloc(32, 1) };
const rules = { tokenKey: key, dataKey: key, random: randomBytes, source: 's', fileId: '', startedAtMs: Date.UTC(2024, 3, 1) };

test.each([
  // Of visits: 5 required columns, 3 of them there in the first row, 1 in the second, which is rejected for what is there.
  ['visits', [{ patient_id: 'P', visit_date: '2024-03-15', department: 7 }, { visit_date: 'x', patient_id: null }], { completeness: 4 / 10, validity: 1 }],
  ['patients', [{ patient_id: 'P' }, { patient_id: '' }], { completeness: 1, validity: 1 / 2 }],
] as const)('rows of %s are judged as they are mapped, what was deleted is not', (records, rows, expected) => {
  const profile = createTableProfile(records);
  const map = profile.observed(createTableMapper(records, rules).map);
  for (const [index, row] of [...rows, {}].entries()) {
    const change = index < rows.length ? 'snapshot' : 'delete';
    map({ item: { change, row, position: '', place: '', changedAtMs: null }, line: 0, position: '', place: '' });
  }
  expect(profile.scores()[0]).toMatchObject({ records: 2, ...expected });
}); // prettier-ignore
