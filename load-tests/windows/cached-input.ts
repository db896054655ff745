import { topics } from '@vigil/contracts';
import type { ProducedRecord } from '@vigil/kafka';
import { repositoryRoot } from '@vigil/stack';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Partition, length of the key, length of the value. */
const headBytes = 9;
const chunkBytes = 8 * 1024 * 1024;

function* storing(file: string, records: Iterable<ProducedRecord>): Generator<ProducedRecord> {
  const open = `${file}.open`;
  rmSync(open, { force: true });
  const handle = openSync(open, 'w');
  let waiting: Buffer[] = [];
  let bytes = 0;
  const flush = (): void => {
    writeSync(handle, Buffer.concat(waiting));
    waiting = [];
    bytes = 0;
  };
  try {
    for (const record of records) {
      const { partition, key, value } = record as { partition: number; key: Buffer; value: Buffer };
      const head = Buffer.allocUnsafe(headBytes);
      head.writeUInt8(partition, 0);
      head.writeUInt32BE(key.length, 1);
      head.writeUInt32BE(value.length, 5);
      // A copy: values are views of a buffer that is written again.
      waiting.push(head, Buffer.from(key), Buffer.from(value));
      bytes += headBytes + key.length + value.length;
      if (bytes > chunkBytes) flush();
      yield record;
    }
    flush();
  } finally {
    closeSync(handle);
  }
  renameSync(open, file);
}

interface Stored {
  readonly record: ProducedRecord;
  readonly bytes: number;
}

/** The record that lies at a place of the chunk; null where only a part of it does. */
function storedAt(chunk: Buffer, at: number, topic: string): Stored | null {
  if (at + headBytes > chunk.length) return null;
  const keyAt = at + headBytes;
  const valueAt = keyAt + chunk.readUInt32BE(at + 1);
  const end = valueAt + chunk.readUInt32BE(at + 5);
  if (end > chunk.length) return null;
  const partition = chunk.readUInt8(at);
  const [key, value] = [chunk.subarray(keyAt, valueAt), chunk.subarray(valueAt, end)];
  return { record: { topic, partition, key, value, headers: [], timestamp: null }, bytes: end - at };
}

function* stored(file: string, topic: string): Generator<ProducedRecord> {
  const handle = openSync(file, 'r');
  try {
    for (let rest = Buffer.alloc(0); ;) {
      const chunk = Buffer.allocUnsafe(rest.length + chunkBytes);
      rest.copy(chunk);
      const read = readSync(handle, chunk, rest.length, chunkBytes, null);
      const held = chunk.subarray(0, rest.length + read);
      let at = 0;
      for (let next = storedAt(held, at, topic); next !== null; next = storedAt(held, at, topic)) {
        yield next.record;
        at += next.bytes;
      }
      rest = held.subarray(at);
      if (read === 0 && rest.length > 0) throw new Error(`${file} ends within a record: delete it and begin again.`);
      if (read === 0) return;
    }
  } finally {
    closeSync(handle);
  }
}

export interface CachedInput {
  /** What the input is: kind, shape, schema id. */
  readonly name: string;
  readonly make: () => Iterable<ProducedRecord>;
  readonly topic?: string;
  /** Source files that make it: another state of theirs is another input. */
  readonly sources?: readonly string[];
  /** Folder; by default beside the benches' stacks. */
  readonly folder?: string;
}

const ownSources = [join(import.meta.dirname, 'accepted-readings.ts')];

/** The same bytes in every round: made once per machine and kept in `.vigil/bench-input`. */
export function cachedInput({ name, make, topic = topics.vitalsReadingAccepted.name, sources = ownSources, folder }: CachedInput) {
  const hash = createHash('sha256').update(name);
  for (const source of sources) hash.update(readFileSync(source));
  const inputs = folder ?? join(repositoryRoot, '.vigil', 'bench-input');
  mkdirSync(inputs, { recursive: true });
  const file = join(inputs, `${hash.digest('hex').slice(0, 24)}.records`);
  return existsSync(file) ? stored(file, topic) : storing(file, make());
}
