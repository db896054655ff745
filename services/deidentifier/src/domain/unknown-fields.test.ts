import { expect, test } from '@jest/globals';
import { deidPlanOf, schemas, topics, type AvroField, type AvroRecord } from '@vigil/contracts';
import { unknownFields } from './unknown-fields.ts';

const plan = deidPlanOf(topics.vitalsReadingAccepted)!;
const known = schemas.readingAccepted as unknown as AvroRecord;
const added: AvroField = { name: 'bloodGlucose', type: ['null', 'double'], default: null };

test('the schema that the plan was made from has no unknown fields', () => {
  expect(unknownFields(plan, known)).toEqual([]);
});

test('a field added by a newer writer is found, also inside a list of records', () => {
  const fields = known.fields.map((field): AvroField => {
    if (field.name !== 'excluded') return field;
    const { items } = field.type as unknown as { items: AvroRecord };
    return { ...field, type: { type: 'array', items: { ...items, fields: [...items.fields, { ...added, name: 'comment' }] } } };
  });
  expect(unknownFields(plan, { ...known, fields: [...fields, added] })).toEqual(['excluded.comment', 'bloodGlucose']);
});

test('a nested record in a union is looked into', () => {
  const nested: AvroRecord = {
    type: 'record',
    name: 'Inner',
    fields: [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
    ],
  };
  const inner = { record: 'Inner', steps: [], knownFields: ['a'] };
  const outer = {
    record: 'Outer',
    steps: [{ rule: 'nested', source: 'x', target: 'x', shape: 'one', plan: inner }],
    knownFields: ['x'],
  } as const;
  expect(unknownFields(outer, { type: 'record', name: 'Outer', fields: [{ name: 'x', type: ['null', nested] }] })).toEqual(['x.b']);
});

test('a nested record that is dropped whole is not looked into', () => {
  const nested: AvroRecord = { type: 'record', name: 'Inner', fields: [{ name: 'a', type: 'string' }] };
  const outer = { record: 'Outer', steps: [], knownFields: ['x'] };
  expect(unknownFields(outer, { type: 'record', name: 'Outer', fields: [{ name: 'x', type: nested }] })).toEqual([]);
});
