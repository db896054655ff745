import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import avsc from 'avsc';
import { poisonCorpus } from './poison-corpus.ts';

test('no Avro entry of the corpus is a reading', () => {
  const type = avsc.Type.forSchema(topics.vitalsReadingReceived.schema as unknown as avsc.Schema);
  // Sizes above what avsc may be trusted with are left to our own decoder's tests.
  const safe = poisonCorpus(1).filter(({ name, bytes }) => bytes?.[0] === 0 && !name.includes('items') && bytes.length > 5);

  expect(safe.length).toBeGreaterThan(5);
  for (const { name, bytes } of safe) {
    if (bytes!.readInt32BE(1) !== 1) continue;
    expect([name, type.isValid(decoded(type, bytes!.subarray(5)))]).toEqual([name, false]);
  }
});

test('every entry has a name of its own', () => {
  const names = poisonCorpus(1).map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
});

function decoded(type: avsc.Type, body: Buffer): unknown {
  try {
    return type.fromBuffer(body) as unknown;
  } catch {
    return undefined;
  }
}
