import { describe, expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import type { ProducedRecord } from '../ports/kafka-client.ts';
import { codecs, compress, decompress } from './codecs.ts';
import { locateKeyed, locateRecord, newKeyedPlace, newPlace } from '../codec/record-place.ts';
import { decodeBatches, type AbortedTransaction } from './decode-batches.ts';
import { encodeBatch, type BatchIdentity } from './encode-batch.ts';
import { decodeWithStock } from './stock-decoder.ts';

const plain: BatchIdentity = { producerId: -1, producerEpoch: -1, firstSequence: -1, transactional: false };
const aRecord = (value: string, over: Partial<ProducedRecord> = {}): ProducedRecord => ({
  topic: 't',
  partition: 0,
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers: [],
  timestamp: 1_700_000_000_000,
  ...over,
});

interface Change {
  readonly baseOffset?: number;
  readonly lastOffsetDelta?: number;
  readonly codec?: number;
  readonly attributes?: number;
  readonly maxTimestamp?: number;
}

/** A batch as a broker would hand it out: with its offset, compressed, a marker, with gaps. */
async function batchOf(records: readonly ProducedRecord[], change: Change = {}, identity: BatchIdentity = plain): Promise<Buffer> {
  let batch = encodeBatch(records, identity, 5);
  if (change.codec) batch = Buffer.concat([batch.subarray(0, 61), await compress(change.codec, batch.subarray(61))]);
  batch.writeBigInt64BE(BigInt(change.baseOffset ?? 0), 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(batch.readInt16BE(21) | (change.codec ?? 0) | (change.attributes ?? 0), 21);
  if (change.lastOffsetDelta !== undefined) batch.writeInt32BE(change.lastOffsetDelta, 23);
  if (change.maxTimestamp !== undefined) batch.writeBigInt64BE(BigInt(change.maxTimestamp), 35);
  batch.writeInt32BE(crc32c(batch.subarray(21)) | 0, 17);
  return batch;
}
const control = 0x20;
const logAppendTime = 0x08;
const marker = (type: 0 | 1) => aRecord('', { key: Buffer.of(0, 0, 0, type), value: Buffer.of(0, 0, 0, 0, 0, 0) });
const transactional = (producerId: number): BatchIdentity => ({ producerId, producerEpoch: 0, firstSequence: 0, transactional: true });

const decoders = [
  ['ours', decodeBatches],
  ['the stock one', decodeWithStock],
] as const;

describe.each(decoders)('the decoder: %s', (name, decode) => {
  const valuesOf = async (bytes: Buffer, from = 0, aborted: readonly AbortedTransaction[] = []) => {
    const { records, nextOffset } = await decode(bytes, from, aborted);
    return { values: [...records].map(({ offset, value }) => [offset, value?.toString()]), nextOffset };
  };

  test('gives back what was encoded', async () => {
    const buffer = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const maybe = fc.option(buffer);
    // The stock decoder gives headers as an object: only a name once, never null.
    const headers =
      name === 'ours' ? fc.array(fc.tuple(fc.string(), maybe), { maxLength: 3 }) : fc.constant([] as [string, Buffer | null][]);
    const record = fc.record({ key: maybe, value: maybe, headers, timestamp: fc.integer({ min: 0, max: 2 ** 45 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), fc.constantFrom(0, 1, 2, 3, 4), async (fields, codec) => {
        const sent = fields.map((one) => ({ topic: 't', partition: 0, ...one }));
        const { records } = await decode(await batchOf(sent, { codec }), 0, []);
        expect([...records].map((got) => ({ key: got.key, value: got.value, headers: got.headers(), timestamp: got.timestamp }))).toEqual(
          fields,
        );
        expect([...records].map(({ offset }) => offset)).toEqual(fields.map((_, index) => index));
      }),
      { numRuns: 60 },
    );
  });

  test('keeps offsets beyond 2³¹ exact', async () => {
    const baseOffset = 2 ** 33 + 5;
    expect(await valuesOf(await batchOf([aRecord('a'), aRecord('b')], { baseOffset }), baseOffset)).toEqual({
      values: [
        [baseOffset, 'a'],
        [baseOffset + 1, 'b'],
      ],
      nextOffset: baseOffset + 2,
    });
  });

  test('leaves out what lies before the position, and passes the gaps of a compacted log', async () => {
    const bytes = Buffer.concat([
      await batchOf([aRecord('a'), aRecord('b'), aRecord('c')], { lastOffsetDelta: 9 }),
      await batchOf([aRecord('d')], { baseOffset: 20 }),
    ]);

    expect(await valuesOf(bytes, 2)).toEqual({
      values: [
        [2, 'c'],
        [20, 'd'],
      ],
      nextOffset: 21,
    });
    expect((await valuesOf(await batchOf([aRecord('a')], { lastOffsetDelta: 9 }))).nextOffset).toBe(10);
  });

  test('skips markers and aborted records, and passes them', async () => {
    const bytes = Buffer.concat([
      await batchOf([aRecord('a0')], {}, transactional(7)),
      await batchOf([aRecord('b1')], { baseOffset: 1 }, transactional(8)),
      await batchOf([aRecord('c2')], { baseOffset: 2 }),
      await batchOf([marker(0)], { baseOffset: 3, attributes: control }, transactional(7)),
      await batchOf([aRecord('a4')], { baseOffset: 4 }, transactional(7)),
      await batchOf([marker(1)], { baseOffset: 5, attributes: control }, transactional(8)),
      await batchOf([marker(1)], { baseOffset: 6, attributes: control }, transactional(7)),
    ]);

    expect(await valuesOf(bytes, 0, [{ producerId: 7, firstOffset: 0 }])).toEqual({
      values: [
        [1, 'b1'],
        [2, 'c2'],
        [4, 'a4'],
      ],
      nextOffset: 7,
    });
  });

  test('takes the broker’s time where the topic says so', async () => {
    const { records } = await decode(await batchOf([aRecord('a'), aRecord('b')], { attributes: logAppendTime, maxTimestamp: 42 }), 0, []);
    expect([...records].map(({ timestamp }) => timestamp)).toEqual([42, 42]);
  });

  test('stops before a batch that the fetch cut short', async () => {
    const [whole, cut] = [await batchOf([aRecord('a')]), await batchOf([aRecord('b')], { baseOffset: 1 })];
    for (const length of [0, 5, 30, cut.length - 1]) {
      expect(await valuesOf(Buffer.concat([whole, cut.subarray(0, length)]))).toEqual({ values: [[0, 'a']], nextOffset: 1 });
    }
    expect(await valuesOf(Buffer.alloc(0), 9)).toEqual({ values: [], nextOffset: 9 });
  });

  test('reads Java’s snappy stream', async () => {
    const batch = encodeBatch([aRecord('x'.repeat(500))], plain, 0);
    const half = Math.floor((batch.length - 61) / 2);
    const blocks = [batch.subarray(61, 61 + half), batch.subarray(61 + half)];
    const framed = await Promise.all(
      blocks.map(async (block) => {
        const packed = await compress(codecs.snappy, block);
        const length = Buffer.alloc(4);
        length.writeInt32BE(packed.length);
        return Buffer.concat([length, packed]);
      }),
    );
    const stream = Buffer.concat([Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]), ...framed]);
    const bytes = Buffer.concat([batch.subarray(0, 61), stream]);
    bytes.writeInt32BE(bytes.length - 12, 8);
    bytes.writeInt16BE(codecs.snappy, 21);
    bytes.writeInt32BE(crc32c(bytes.subarray(21)) | 0, 17);

    expect((await decode(bytes, 0, [])).records.at(0)?.value?.length).toBe(500);
  });
});

test('a flipped bit anywhere under the checksum is an error, never a record', async () => {
  const batch = await batchOf([aRecord('abc'), aRecord('def')]);
  for (let at = 16; at < batch.length; at++) {
    const damaged = Buffer.from(batch);
    damaged[at]! ^= 0x10;
    await expect(decodeBatches(damaged, 0, [])).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
  }
});

test('records that end before their count says so are an error', async () => {
  const batch = encodeBatch([aRecord('abc')], plain, 0);
  batch.writeInt32BE(9, 57);
  batch.writeInt32BE(crc32c(batch.subarray(21)) | 0, 17);

  await expect(decodeBatches(batch, 0, [])).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
});

test('a codec that does not exist is named, damaged compressed bytes are an error', async () => {
  const batch = encodeBatch([aRecord('abc')], plain, 0);
  batch.writeInt16BE(6, 21);
  batch.writeInt32BE(crc32c(batch.subarray(21)) | 0, 17);
  await expect(decodeBatches(batch, 0, [])).rejects.toMatchObject({ code: 'UNSUPPORTED_CODEC' });
  await expect(compress(9, Buffer.of(1))).rejects.toMatchObject({ code: 'UNSUPPORTED_CODEC' });
  for (const codec of [codecs.gzip, codecs.snappy, codecs.lz4, codecs.zstd]) {
    await expect(decompress(codec, Buffer.from('this is not compressed'))).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
  }
});

test('large time differences and headers without text come through', async () => {
  const times = [0, 2 ** 41, 5, null];
  const { records } = await decodeBatches(
    encodeBatch(
      times.map((timestamp) => aRecord('x', { timestamp })),
      plain,
      77,
    ),
    0,
    [],
  );
  expect([...records].map(({ timestamp }) => timestamp)).toEqual([0, 2 ** 41, 5, 77]);
});

test('a value read where it lies is the value, whatever its length', async () => {
  const lengths = [0, 1, 63, 64, 200, 8191, 8192, 20_000];
  const values = [...lengths.map((length) => Buffer.alloc(length, length)), null];
  const batch = await batchOf(values.map((value) => aRecord('', { value })));

  const { records } = await decodeBatches(batch, 0, []);

  const inPlace = values.map((_, index) => {
    const place = newPlace();
    locateRecord(records, index, place);
    return place.from < 0 ? null : place.bytes.toString('latin1', place.from, place.to);
  });
  expect(inPlace).toEqual(values.map((value) => value?.toString('latin1') ?? null));
});

test('where a key lies is told with its value, of records that are objects already, too', async () => {
  const texts = [
    ['k', 'v'],
    ['', ''],
    [null, 'value'],
    ['key', null],
  ] as const;
  const sent = texts.map(([key, value]) =>
    aRecord('', { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) }),
  );
  const { records } = await decodeBatches(await batchOf(sent), 0, []);
  const place = newKeyedPlace();

  for (const among of [records, [...records]]) {
    const found = texts.map((_, index) => {
      locateKeyed(among, index, place);
      const { bytes, keyFrom, keyTo, from, to, offset, timestamp } = place;
      expect([offset, timestamp]).toEqual([index, 1_700_000_000_000]);
      return [keyFrom < 0 ? null : bytes.toString('latin1', keyFrom, keyTo), from < 0 ? null : bytes.toString('latin1', from, to)];
    });
    expect(found).toEqual(texts);
  }
});
