import { isVigilError, VigilError } from '@vigil/core';
import * as cursor from './avro-cursor.ts';
import type { AvroCursor } from './avro-cursor.ts';
import { leastBytesOf, parseAvro, type AvroField, type AvroNode, type PrimitiveName } from './avro-node.ts';
import { createStringTable } from './string-table.ts';

/** Reads the value that begins at `at` and must end with the buffer. @throws VigilError MALFORMED_AVRO, UNSAFE_AVRO */
export type AvroReader = (buffer: Buffer, at: number) => unknown;

type Read = (cursor: AvroCursor) => unknown;

/** What a writer's primitive may be read as. */
const promotions: Partial<Record<PrimitiveName, readonly PrimitiveName[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

const baseName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

function matches(writer: AvroNode, reader: AvroNode): boolean {
  if (writer.kind === 'primitive' && reader.kind === 'primitive') {
    return writer.name === reader.name || (promotions[writer.name]?.includes(reader.name) ?? false);
  }
  if (writer.kind !== reader.kind) return false;
  if ('name' in writer && 'name' in reader && baseName(writer.name) !== baseName(reader.name)) return false;
  return writer.kind !== 'fixed' || (reader.kind === 'fixed' && writer.size === reader.size);
}

function primitiveReader(writer: PrimitiveName, reader: PrimitiveName): Read {
  switch (writer) {
    case 'null':
      return () => null;
    case 'boolean':
      return cursor.readBoolean;
    case 'int':
      return cursor.readInt;
    case 'long':
      return cursor.readLong;
    case 'float':
      return cursor.readFloat;
    case 'double':
      return cursor.readDouble;
    case 'bytes':
      return reader === 'string' ? cursor.readString : cursor.readBytes;
    case 'string':
      return reader === 'bytes' ? cursor.readBytes : cursor.readStringBy(createStringTable());
  }
}

/** A field the writer did not know: its default, fresh each time where it could be changed. */
function defaultReader({ name, node, defaultValue }: AvroField): Read {
  if (defaultValue === undefined) throw new TypeError(`the writer lacks ${name}, which has no default`);
  const type = node.kind === 'union' ? (node.branches[0] as AvroNode) : node;
  const value = type.kind === 'primitive' && type.name === 'bytes' ? Buffer.from(String(defaultValue), 'latin1') : defaultValue;
  return typeof value === 'object' && value !== null ? () => structuredClone(value) : () => value;
}

class Compiler {
  /** Records that refer to themselves find their own reader here. */
  readonly #open = new Map<AvroNode, Map<AvroNode | null, { read: Read | null }>>();

  /** @param reader  null = skip what the writer wrote */
  read(writer: AvroNode, reader: AvroNode | null): Read {
    if (writer.kind === 'union') return this.#union(writer.branches, reader);
    if (reader?.kind === 'union') {
      const branch = reader.branches.find((candidate) => candidate.kind === writer.kind && matches(writer, candidate) && sameName(writer, candidate));
      return this.read(writer, branch ?? reader.branches.find((candidate) => matches(writer, candidate)) ?? mismatch());
    }
    if (reader && !matches(writer, reader)) mismatch();
    switch (writer.kind) {
      case 'primitive':
        return this.#primitive(writer.name, reader);
      case 'enum':
        return enumReader(writer.symbols, reader);
      case 'fixed':
        return fixedReader(writer.size);
      case 'array':
        return this.#array(writer.items, reader);
      case 'map':
        return this.#map(writer.values, reader);
      case 'record':
        return this.#recordOnce(writer, reader);
    }
  }

  #primitive(name: PrimitiveName, reader: AvroNode | null): Read {
    if (reader === null && (name === 'string' || name === 'bytes')) return cursor.skipBytes;
    return primitiveReader(name, reader?.kind === 'primitive' ? reader.name : name);
  }

  #union(branches: readonly AvroNode[], reader: AvroNode | null): Read {
    const reads = branches.map((branch) => this.#branch(branch, reader));
    return (at) => {
      const index = cursor.readLong(at);
      const read = reads[index];
      if (!read) throw new VigilError('MALFORMED_AVRO', { detail: 'A union names a branch that does not exist.' });
      return read(at);
    };
  }

  /** A branch that the reader does not have is an error only in the value that uses it. */
  #branch(branch: AvroNode, reader: AvroNode | null): Read {
    try {
      return this.read(branch, reader);
    } catch (cause) {
      return () => {
        throw new VigilError('SCHEMA_MISMATCH', { cause });
      };
    }
  }

  #array(items: AvroNode, reader: AvroNode | null): Read {
    const read = this.read(items, reader?.kind === 'array' ? reader.items : null);
    const least = leastBytesOf(items);
    return (at) => {
      const values: unknown[] = [];
      cursor.readBlocks(at, least, (item) => void values.push(read(item)));
      return values;
    };
  }

  #map(values: AvroNode, reader: AvroNode | null): Read {
    const read = this.read(values, reader?.kind === 'map' ? reader.values : null);
    const least = 1 + leastBytesOf(values);
    return (at) => {
      const entries: [string, unknown][] = [];
      cursor.readBlocks(at, least, (item) => void entries.push([cursor.readString(item), read(item)]));
      return Object.fromEntries(entries);
    };
  }

  #recordOnce(writer: AvroNode & { kind: 'record' }, reader: AvroNode | null): Read {
    const byReader = this.#open.get(writer) ?? new Map<AvroNode | null, { read: Read | null }>();
    this.#open.set(writer, byReader);
    const known = byReader.get(reader);
    if (known) return (at) => cursor.nested(at, (inner) => known.read?.(inner));
    const slot: { read: Read | null } = { read: null };
    byReader.set(reader, slot);
    slot.read = this.#record(writer, reader?.kind === 'record' ? reader.fields : []);
    return slot.read;
  }

  /** The one place with generated code: an object literal has one hidden class, an object filled by name many. */
  #record(writer: AvroNode & { kind: 'record' }, wanted: readonly AvroField[]): Read {
    const reads: Read[] = [];
    const lines: string[] = [];
    const sources = new Map<string, string>();
    for (const field of writer.fields) {
      const target = wanted.find(({ name }) => name === field.name);
      const index = reads.push(this.read(field.node, target?.node ?? null)) - 1;
      lines.push(target ? `const v${index} = r[${index}](c);` : `r[${index}](c);`);
      if (target) sources.set(field.name, `v${index}`);
    }
    const members = wanted.map((field) => {
      const source = sources.get(field.name) ?? `r[${reads.push(defaultReader(field)) - 1}](c)`;
      return `${JSON.stringify(field.name)}: ${source}`;
    });
    const names = reads.map((_, index) => `r${index}`);
    const body = `return (c) => { ${lines.join(' ')} return { ${members.join(', ')} }; };`.replaceAll(/r\[(\d+)\]/g, 'r$1');
    // eslint-disable-next-line no-new-func -- the text is made of indices and JSON-quoted field names only
    return (new Function(...names, body) as (...readers: readonly Read[]) => Read)(...reads);
  }
}

const sameName = (writer: AvroNode, reader: AvroNode): boolean => !('name' in writer && 'name' in reader) || writer.name === reader.name;

const mismatch = (): never => {
  throw new TypeError('the writer’s type cannot be read as the reader’s');
};

const fixedReader =
  (size: number): Read =>
  (at) => {
    const start = cursor.advance(at, size);
    return Buffer.from(at.buffer.subarray(start, start + size));
  };

function enumReader(symbols: readonly string[], reader: AvroNode | null): Read {
  const known = reader?.kind === 'enum' ? new Set(reader.symbols) : null;
  return (at) => {
    const symbol = symbols[cursor.readLong(at)];
    if (symbol === undefined) throw new VigilError('MALFORMED_AVRO', { detail: 'An enum names a symbol that does not exist.' });
    if (known && !known.has(symbol)) throw new VigilError('SCHEMA_MISMATCH', { detail: 'The writer’s symbol is unknown to the reader.' });
    return symbol;
  };
}

/**
 * Compiles a reader once per pair of schemas: it reads what the reader's schema asks for, skips the rest, and cannot
 * be made to read or allocate beyond its bytes.
 *
 * @throws TypeError when the schemas do not fit each other
 */
export function compileReader(writerSchema: unknown, readerSchema: unknown): AvroReader {
  const read = new Compiler().read(parseAvro(writerSchema), parseAvro(readerSchema));
  const at: AvroCursor = { buffer: Buffer.alloc(0), position: 0, end: 0, depth: 0 };
  return (buffer, start) => {
    at.buffer = buffer;
    at.position = start;
    at.end = buffer.length;
    at.depth = 0;
    try {
      const value = read(at);
      if (at.position !== at.end) throw new VigilError('MALFORMED_AVRO', { detail: 'Bytes are left over after the value.' });
      return value;
    } catch (error) {
      throw isVigilError(error) ? error : new VigilError('MALFORMED_AVRO', { cause: error });
    }
  };
}
