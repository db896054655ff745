import { expect, test } from '@jest/globals';
import { schemas, type AvroField, type AvroSchema } from '@vigil/contracts';
import { createMemoryRegistry } from '@vigil/kafka';
import { plans } from '../topology.ts';
import { watchSchemas } from './watch-schemas.ts';

const added: AvroField = { name: 'bloodGlucose', type: ['null', 'double'], default: null };
const newer: AvroSchema = { ...schemas.readingAccepted, fields: [...schemas.readingAccepted.fields, added] };

test('a field of a newer schema is reported once, whoever resolves it again', async () => {
  const inner = createMemoryRegistry();
  const reported: unknown[] = [];
  const registry = watchSchemas(inner, plans, (field) => reported.push(field));
  const [known, unrelated, next] = [schemas.readingAccepted, schemas.batchProgressed, newer].map((schema) => inner.register(schema));

  expect(await registry.schemaOf(known!)).toEqual(schemas.readingAccepted);
  await registry.schemaOf(unrelated!);
  expect(reported).toEqual([]);
  expect(await registry.schemaOf(next!)).toEqual(newer);
  await registry.schemaOf(next!);

  expect(reported).toEqual([{ record: 'ReadingAccepted', field: 'bloodGlucose' }]);
});

test('everything else goes to the registry itself', async () => {
  const inner = createMemoryRegistry();
  const registry = watchSchemas(inner, plans, () => {});
  const id = inner.register(schemas.readingAccepted);

  expect(await registry.idOf('a-value', schemas.readingAccepted)).toBe(id);
  expect(registry.cached(id)).toEqual(inner.cached(id));
});
