import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import { VigilError } from '@vigil/core';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as snap, uncompress as unsnap } from 'snappy';
import { stockCodecs } from './kafkajs-internals.ts';

/** What Kafka's attribute bits call a codec. */
export const codecs = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

type Transform = (bytes: Buffer) => Promise<Buffer>;

/** Java's snappy stream: this magic, two version numbers, then blocks with their length in front. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = 16;

async function unsnappy(bytes: Buffer): Promise<Buffer> {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return (await unsnap(bytes)) as Buffer;
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    blocks.push((await unsnap(bytes.subarray(at + 4, at + 4 + length))) as Buffer);
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

const decompressors: Readonly<Record<number, Transform>> = {
  [codecs.gzip]: promisify(gunzip),
  [codecs.snappy]: unsnappy,
  [codecs.lz4]: (bytes) => decompressFrame(bytes),
  [codecs.zstd]: promisify(zstdDecompress),
};

const compressors: Readonly<Record<number, Transform>> = {
  [codecs.gzip]: promisify(gzip),
  [codecs.snappy]: snap,
  [codecs.lz4]: (bytes) => compressFrame(bytes),
  [codecs.zstd]: promisify(zstdCompress),
};

/** @throws VigilError UNSUPPORTED_CODEC, CORRUPT_BATCH */
export async function decompress(codec: number, bytes: Buffer): Promise<Buffer> {
  const transform = decompressors[codec];
  if (!transform) throw new VigilError('UNSUPPORTED_CODEC', { detail: `Codec ${codec}.` });
  try {
    return await transform(bytes);
  } catch (cause) {
    throw new VigilError('CORRUPT_BATCH', { detail: 'The compressed records cannot be read.', cause });
  }
}

/** @throws VigilError UNSUPPORTED_CODEC */
export async function compress(codec: number, bytes: Buffer): Promise<Buffer> {
  const transform = compressors[codec];
  if (!transform) throw new VigilError('UNSUPPORTED_CODEC', { detail: `Codec ${codec}.` });
  return transform(bytes);
}

/** kafkajs brings gzip only; a device may use any of them. */
export function registerStockCodecs(): void {
  for (const codec of [codecs.snappy, codecs.lz4, codecs.zstd]) {
    stockCodecs()[codec] = () => ({
      compress: ({ buffer }) => compress(codec, buffer),
      decompress: (buffer) => decompress(codec, buffer),
    });
  }
}
