import { expect, test } from '@jest/globals';
import { compileReader } from '../avro/compile-reader.ts';
import { compileWriter } from '../avro/compile-writer.ts';
import { createWireEncoder, wireHeaderBytes } from '../avro/wire.ts';
import type { AvroField, AvroRecord } from '../schema/avro-types.ts';
import { topics } from '../topics.ts';
import { deidPlanFrom } from './deid-plan.ts';
import { deidPlanOf } from './deid-plan-of.ts';
import { deriveDeidSchema } from './derive-deid-schema.ts';

const record = (...fields: readonly AvroField[]): AvroRecord => ({ type: 'record', name: 'Sample', namespace: 'vigil.ward', fields });
const inner: AvroRecord = {
  type: 'record',
  name: 'Inner',
  fields: [
    { name: 'kept', type: 'int', phi: 'none', deid: 'keep' },
    { name: 'secret', type: 'string', phi: 'name', deid: 'drop' },
  ],
};
const everything = record(
  { name: 'id', type: 'string', phi: 'unique-code', deid: { rule: 'keyed-id' } },
  { name: 'token', type: 'string', phi: 'patient-token', deid: { rule: 'pseudonym', as: 'pseudonym' } },
  { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, phi: 'date', deid: [{ rule: 'elapsed', as: 'elapsedMs' }, { rule: 'approx-year', as: 'approxYear' }] },
  { name: 'name', type: 'string', phi: 'name', deid: 'drop' },
  { name: 'unruled', type: 'string', phi: 'none' },
  { name: 'value', type: 'double', unit: '%', loinc: '1-1', doc: 'A value.', phi: 'none', deid: 'keep' },
  { name: 'optional', type: ['null', 'string'], default: null, phi: 'none', deid: 'keep' },
  { name: 'one', type: inner, phi: 'none', deid: 'keep' },
  { name: 'maybe', type: ['null', inner], phi: 'none', deid: 'keep' },
  { name: 'list', type: { type: 'array', items: inner }, phi: 'none', deid: 'keep' },
  { name: 'map', type: { type: 'map', values: 'int' }, phi: 'none', deid: 'keep' },
); // prettier-ignore

test('what leaves is an allow-list: a field without a rule does not', () => {
  const names = deriveDeidSchema(everything)?.fields.map(({ name }) => name);

  expect(names).toEqual(['id', 'pseudonym', 'elapsedMs', 'approxYear', 'value', 'optional', 'one', 'maybe', 'list', 'map']);
});

test('every field but the keyed id is nullable with default null, so that a rule can become stricter', () => {
  const [id, ...others] = deriveDeidSchema(everything)?.fields ?? [];

  expect(id).toMatchObject({ name: 'id', type: 'string' });
  expect(id).not.toHaveProperty('default');
  for (const field of others) expect(field).toMatchObject({ type: expect.arrayContaining(['null']), default: null });
});

test('a rule gives the field its own type, a kept field keeps unit and words', () => {
  const fields = new Map(deriveDeidSchema(everything)?.fields.map((field) => [field.name, field]));

  expect(fields.get('elapsedMs')?.type).toEqual(['null', 'long']);
  expect(fields.get('approxYear')?.type).toEqual(['null', 'int']);
  expect(fields.get('value')).toMatchObject({ unit: '%', loinc: '1-1', doc: 'A value.' });
  expect(fields.get('optional')?.type).toEqual(['null', 'string']);
});

test('records inside are derived by their own rules', () => {
  const list = deriveDeidSchema(everything)?.fields.find(({ name }) => name === 'list');

  expect(list?.type).toMatchObject(['null', { type: 'array', items: { name: 'DeidInner', fields: [{ name: 'kept' }] } }]);
});

test('without a keyed id the pseudonym is the identity', () => {
  const derived = deriveDeidSchema(record({ name: 'token', type: 'string', phi: 'patient-token', deid: { rule: 'pseudonym' } }));

  expect(derived).toMatchObject({ name: 'DeidSample', namespace: 'vigil.deid.ward', fields: [{ name: 'token', type: 'string' }] });
});

test('a record of which nothing leaves has no derived form', () => {
  expect(deriveDeidSchema({ ...record({ name: 'a', type: 'int', phi: 'none', deid: 'drop' }), namespace: '' })).toBeUndefined();
  expect(deriveDeidSchema({ type: 'record', name: 'Bare', fields: [{ name: 'a', type: 'int', phi: 'none', deid: 'keep' }] })).toMatchObject(
    {
      namespace: 'vigil.deid.vigil',
    },
  );
});

test('the plan names each field that leaves, its rule and where it goes', () => {
  const nested = { record: 'Inner', steps: [{ rule: 'keep', source: 'kept', target: 'kept' }], knownFields: ['kept', 'secret'] };

  expect(deidPlanFrom(everything)).toEqual({
    record: 'Sample',
    steps: [
      { rule: 'keyed-id', source: 'id', target: 'id' },
      { rule: 'pseudonym', source: 'token', target: 'pseudonym' },
      { rule: 'elapsed', source: 'at', target: 'elapsedMs' },
      { rule: 'approx-year', source: 'at', target: 'approxYear' },
      { rule: 'keep', source: 'value', target: 'value' },
      { rule: 'keep', source: 'optional', target: 'optional' },
      { rule: 'nested', source: 'one', target: 'one', shape: 'one', plan: nested },
      { rule: 'nested', source: 'maybe', target: 'maybe', shape: 'one', plan: nested },
      { rule: 'nested', source: 'list', target: 'list', shape: 'list', plan: nested },
      { rule: 'keep', source: 'map', target: 'map' },
    ],
    knownFields: everything.fields.map(({ name }) => name),
  });
});

test('a rule that takes times and days is told which of them its source holds', () => {
  const day = { type: 'int', logicalType: 'date' } as const;
  const approximate = { rule: 'approx-year', as: 'year' } as const;
  const plan = deidPlanFrom(record({ name: 'maybe', type: ['null', day], phi: 'date', deid: approximate }));

  expect(plan.steps).toEqual([{ rule: 'approx-year', source: 'maybe', target: 'year', unit: 'days' }]);
});

test('every topic the deidentifier reads has a plan whose targets are the fields of its derived topic', () => {
  const read = Object.values(topics).filter(({ readers }) => (readers as readonly string[]).includes('deidentifier'));

  expect(read).toHaveLength(7);
  for (const source of read) {
    const plan = deidPlanOf(source);
    const fields = (plan?.target.schema['fields'] as AvroField[] | undefined)?.map(({ name }) => name);
    expect(plan?.steps.map(({ target }) => target)).toEqual(fields);
  }
  expect(deidPlanOf(topics.incidentChanged)).toBeUndefined();
});

test('a derived schema can be written and read back', () => {
  const { schema } = topics.deidReadingAccepted;
  const value = { eventId: 'e', pseudonym: 'p', heartRate: 71, excluded: [{ field: 'systolic', code: 'OUT_OF_RANGE' }] };

  const bytes = createWireEncoder()(1, compileWriter(schema), value);

  expect(compileReader(schema)(bytes, wireHeaderBytes)).toMatchObject({ ...value, elapsedMs: null, flags: null });
});
