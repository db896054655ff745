import { expect, test } from '@jest/globals';
import type { AvroSchema } from '@vigil/contracts';
import { readingSchema } from '../../test-support/plain-topics.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { createFlatDecoder } from './flat-decoder.ts';
import { createValueEncoder } from './value-encoder.ts';

const fields = { numbers: ['id'], texts: [] } as const;

function decoderOf() {
  const registry = createMemoryRegistry();
  const id = registry.register(readingSchema);
  const decoder = createFlatDecoder(fields, registry);
  const read = (value: Buffer, from = 0): boolean => {
    Object.assign(decoder.place, { bytes: value, from, to: value.length });
    return decoder.read();
  };
  return { registry, id, decoder, read };
}

test('reads values of known schemas, each by its own writer, and leaves the rest', async () => {
  const { registry, id, decoder, read } = decoderOf();
  const newer = registry.register({
    ...readingSchema,
    doc: 'a later version',
    fields: [...(readingSchema['fields'] as object[]), { name: 'more', type: 'long' }],
  });
  await registry.schemaOf(id);
  await registry.schemaOf(newer);
  const older = createValueEncoder(readingSchema, id)({ id: 7 });
  const later = createValueEncoder(registry.cached(newer) as AvroSchema, newer)({ id: 8, more: 1 });

  expect([read(older), decoder.place.numbers[0]]).toEqual([true, 7]);
  expect([read(later), decoder.place.numbers[0]]).toEqual([true, 8]);
  expect([read(older), decoder.place.numbers[0]]).toEqual([true, 7]);
  expect(read(later.subarray(0, later.length - 1))).toBe(false);
  expect(read(Buffer.of(0, 0, 0))).toBe(false);
  expect(read(Buffer.of(1, 0, 0, 0, id, 2))).toBe(false);
  expect(read(older, -1)).toBe(false);
});

test('an id that was not resolved, and one of what is no schema, are the full decoder’s to judge', async () => {
  const { registry, id, read } = decoderOf();
  const value = createValueEncoder(readingSchema, id)({ id: 7 });
  expect(read(Buffer.concat([Buffer.of(0, 0, 0, 0, 99), value.subarray(5)]))).toBe(false);

  const broken = registry.register({ type: 'record', name: 'no fields' });
  await registry.schemaOf(broken);
  const ofBroken = Buffer.from(value);
  ofBroken.writeInt32BE(broken, 1);
  expect([read(ofBroken), read(ofBroken)]).toEqual([false, false]);
});
