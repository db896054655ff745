import { expect, test } from '@jest/globals';
import { topics, type VisitRecorded } from '@vigil/contracts';
import type { SourcedRow, SourceRow } from '@vigil/sources';
import { createTableMapper } from '../index.ts';

const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
const rules = {
  tokenKey: key,
  dataKey: key,
  random: (bytes: number) => Buffer.alloc(bytes, 1),
  source: 's',
  fileId: '',
  startedAtMs: Date.UTC(2026, 10, 26),
};
const map = (records: Parameters<typeof createTableMapper>[0], row: SourceRow, change: SourcedRow['change'] = 'insert') =>
  createTableMapper(records, rules).map({
    item: { change, row, position: 'p', place: 'row 1', changedAtMs: null },
    position: 'p',
    place: 'row 1',
    line: 0,
  });

test('patients and claims leave as JSON under their id; a deletion of one is passed over', () => {
  expect(map('patients', { patient_id: 'P', sex: 'F' })).toEqual({
    kind: 'records',
    records: [{ topic: topics.patientsRecordReceived, key: 'P', value: Buffer.from('{"patient_id":"P","sex":"F"}') }],
  });
  expect(map('claims', { claim_id: 'C' })).toMatchObject({ kind: 'records', records: [{ key: 'C', topic: topics.claimReceived }] });
  expect(map('claims', { claim_id: '' })).toMatchObject({ kind: 'rejected', code: 'MISSING_ID', field: 'claim_id' });
  expect(map('patients', { patient_id: 'P' }, 'delete')).toEqual({ kind: 'skipped' });
});

test('rows of visits are read as those of a file are', () => {
  const visit = {
    patient_id: 'P',
    visit_date: '2024-03-15',
    diagnosis_code: 'I10',
    diagnosis_description: null,
    treatment_code: 'MED001',
    physician_id: 'D',
    department: 'Cardiology',
  };
  const mapped = map('visits', visit);
  expect(mapped.kind).toBe('records');
  const value = mapped.kind === 'records' ? (mapped.records[0]?.value as VisitRecorded) : null;
  expect(value).toMatchObject({ diagnosisCode: 'I10', treatmentCode: 'MED001' });
  expect(map('visits', visit, 'delete')).toEqual({ kind: 'skipped' });
});

test('readings are never read from tables', () => {
  expect(() => createTableMapper('readings', rules)).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION' }));
});
