import { VigilError } from '@vigil/core';
import { AvroCursor } from './avro-cursor.ts';
import { mismatched } from './avro-errors.ts';
import { defaultValue, literalOf } from './default-value.ts';
import { GeneratedCode } from './generated-code.ts';
import { InternedText } from './interned-text.ts';
import { branchFor, fits } from './match-schemas.ts';
import { parseSchema } from './parse-schema.ts';
import { leastBytesOf, type EnumNode, type FieldNode, type RecordNode, type SchemaNode, type UnionNode } from './schema-node.ts';
import { SkipCode } from './skip-code.ts';

/**
 * Decodes one datum that starts at `offset` and ends at `end`, by default with `bytes`.
 *
 * @throws VigilError MALFORMED_AVRO, UNSAFE_AVRO, SCHEMA_MISMATCH
 */
export type AvroReader<Value> = (bytes: Buffer, offset: number, end?: number) => Value;

const fieldOf = (record: RecordNode, { name, aliases }: FieldNode): FieldNode | undefined =>
  record.fields.find((field) => field.name === name) ?? record.fields.find((field) => aliases.includes(field.name));

/** Writes one expression per pair of types; the expression reads the writer's bytes and gives the reader's value. */
class ReaderCode {
  readonly #code: GeneratedCode;
  readonly #skip: SkipCode;
  readonly #pairs = new Map<SchemaNode, Map<SchemaNode, string>>();
  readonly #least = new Map<SchemaNode, number>();

  constructor(code: GeneratedCode) {
    this.#code = code;
    this.#skip = new SkipCode(code, this.#least);
  }

  expression(writer: SchemaNode, reader: SchemaNode, at: string): string {
    if (writer.kind === 'union') return this.#union(writer, reader, at);
    if (reader.kind === 'union') return this.#branch(writer, branchFor(writer, reader.branches), at);
    if (!fits(writer, reader))
      throw new VigilError('SCHEMA_MISMATCH', { detail: `${at} cannot be read: ${writer.kind} as ${reader.kind}.` });
    if (writer.kind === 'record' && reader.kind === 'record') return this.#record(writer, reader);
    if (writer.kind === 'array' && reader.kind === 'array') return this.#array(writer.items, reader.items, at);
    if (writer.kind === 'map' && reader.kind === 'map') return this.#map(writer.values, reader.values, at);
    if (writer.kind === 'enum' && reader.kind === 'enum') return this.#enum(writer, reader);
    return this.#primitive(writer, reader);
  }

  #primitive(writer: SchemaNode, reader: SchemaNode): string {
    if (writer.kind === 'null') return 'null';
    if (writer.kind === 'fixed') return `c.fixed(${writer.size})`;
    if (reader.kind === 'string') return `c.string(${this.#code.constant(new InternedText())})`;
    return `c.${writer.kind === 'string' ? 'bytes' : writer.kind}()`;
  }

  /** A branch the reader has no place for is an error only when a value of it comes. */
  #branch(writer: SchemaNode, reader: SchemaNode | undefined, at: string): string {
    return reader ? this.expression(writer, reader, at) : `mismatched(${JSON.stringify(`${at} holds a type unknown to the reader`)})`;
  }

  #union({ branches }: UnionNode, reader: SchemaNode, at: string): string {
    const choices = reader.kind === 'union' ? reader.branches : [reader];
    const reads = branches.map((branch) => this.#branch(branch, branchFor(branch, choices), at));
    const [first = '', second] = reads;
    if (reads.length === 2) return `(c.branch(2) === 0 ? ${first} : ${second})`;
    const name = this.#code.name('u');
    const cases = reads.map((read, index) => `case ${index}: return ${read};`);
    this.#code.add(`function ${name}() { switch (c.branch(${reads.length})) { ${cases.join(' ')} } }`);
    return `${name}()`;
  }

  #enum(writer: EnumNode, reader: EnumNode): string {
    const symbols = writer.symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.fallback));
    return `c.symbol(${this.#code.constant(symbols)})`;
  }

  #array(writer: SchemaNode, reader: SchemaNode, at: string): string {
    const name = this.#code.name('a');
    const read = this.expression(writer, reader, `${at}[]`);
    const count = `c.blockCount(${leastBytesOf(writer, this.#least)})`;
    this.#code.add(
      `function ${name}() { const out = []; for (let n = ${count}; n !== 0; n = ${count}) for (let i = 0; i < n; i++) out.push(${read}); return out; }`,
    );
    return `${name}()`;
  }

  #map(writer: SchemaNode, reader: SchemaNode, at: string): string {
    const name = this.#code.name('m');
    const read = this.expression(writer, reader, `${at}{}`);
    const key = `c.string(${this.#code.constant(new InternedText())})`;
    const count = `c.blockCount(${1 + leastBytesOf(writer, this.#least)})`;
    this.#code.add(
      `function ${name}() { const out = {}; for (let n = ${count}; n !== 0; n = ${count}) for (let i = 0; i < n; i++) put(out, ${key}, ${read}); return out; }`,
    );
    return `${name}()`;
  }

  #record(writer: RecordNode, reader: RecordNode): string {
    const readers = this.#pairs.get(writer) ?? new Map<SchemaNode, string>();
    this.#pairs.set(writer, readers);
    const known = readers.get(reader);
    if (known) return `${known}()`;
    const name = this.#code.name('r');
    readers.set(reader, name);
    this.#code.add(`function ${name}() { ${this.#recordBody(writer, reader)} }`);
    return `${name}()`;
  }

  /** Reads in the writer's order, skipping what the reader lacks, and builds the value in the reader's order. */
  #recordBody(writer: RecordNode, reader: RecordNode): string {
    const locals = new Map<FieldNode, string>();
    for (const field of reader.fields) {
      const source = fieldOf(writer, field);
      if (source) locals.set(source, `f${reader.fields.indexOf(field)}`);
    }
    const steps = writer.fields.map((source) => {
      const local = locals.get(source);
      if (!local) return this.#skip.statement(source.type);
      const field = reader.fields[Number(local.slice(1))] as FieldNode;
      return `const ${local} = ${this.expression(source.type, field.type, `${reader.name}.${field.name}`)};`;
    });
    const read = new Set(locals.values());
    const values = reader.fields.map((field, index) => {
      const value = read.has(`f${index}`) ? `f${index}` : this.#default(reader, field);
      return `${JSON.stringify(field.name)}: ${value}`;
    });
    const [enter, leave] = writer.recursive ? ['c.enter(); ', 'c.leave(); '] : ['', ''];
    return `${enter}${steps.join(' ')} ${leave}return { ${values.join(', ')} };`;
  }

  #default(reader: RecordNode, { name, type, fallback }: FieldNode): string {
    if (fallback === undefined) {
      throw new VigilError('SCHEMA_MISMATCH', { detail: `${reader.name}.${name} has no default and the writer does not have it.` });
    }
    return literalOf(this.#code, defaultValue(type, fallback));
  }
}

/** Sets a key of whatever name, the one that would change the prototype included. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/**
 * Compiles a decoder for one pair of schemas: fields that `readerSchema` lacks are passed over without being decoded,
 * fields the writer lacks get their defaults, types are promoted by Avro's rules. Repeated short strings are shared.
 *
 * A union decodes to the bare value of its branch. Not re-entrant: a reader is for one thread and one datum at a time.
 *
 * @param readerSchema  what the caller wants to see; its own schema when left out
 * @throws VigilError SCHEMA_MISMATCH
 */
export function compileReader<Value>(writerSchema: unknown, readerSchema: unknown = writerSchema): AvroReader<Value> {
  const code = new GeneratedCode();
  const writer = parseSchema(writerSchema);
  const reader = readerSchema === writerSchema ? writer : parseSchema(readerSchema);
  const expression = new ReaderCode(code).expression(writer, reader, 'the value');
  const cursor = new AvroCursor();
  const read = code.compile<() => Value>({ c: cursor, mismatched, put }, `function read() { return ${expression}; }`);
  return (bytes, offset, end = bytes.length) => {
    cursor.open(bytes, offset, end);
    const value = read();
    cursor.close();
    return value;
  };
}
