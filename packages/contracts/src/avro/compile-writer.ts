import { VigilError } from '@vigil/core';
import type { AvroSink } from './avro-sink.ts';
import { defaultValue, literalOf } from './default-value.ts';
import { GeneratedCode } from './generated-code.ts';
import { parseSchema } from './parse-schema.ts';
import { shortNameOf, type FieldNode, type RecordNode, type SchemaNode, type UnionNode } from './schema-node.ts';

/**
 * Writes one datum into the sink.
 *
 * @throws TypeError that names the field, never its value: the value is not of the schema, which is a fault of our own code
 */
export type AvroWriter<Value> = (value: Value, sink: AvroSink) => void;

const tests = {
  null: 'v === null || v === undefined',
  boolean: "typeof v === 'boolean'",
  number: "typeof v === 'number'",
  string: "typeof v === 'string'",
  bytes: 'v instanceof Uint8Array',
  array: 'Array.isArray(v)',
  record: "typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Uint8Array)",
} as const;
type Shape = keyof typeof tests;

/** JavaScript's view of a type: what tells the branches of a union apart. */
const shapeOf = (node: Exclude<SchemaNode, UnionNode>): Shape => {
  switch (node.kind) {
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return 'number';
    case 'enum':
      return 'string';
    case 'fixed':
      return 'bytes';
    case 'map':
      return 'record';
    case 'null':
    case 'boolean':
    case 'bytes':
    case 'string':
    case 'array':
    case 'record':
      return node.kind;
  }
};

const checks: Readonly<Record<string, string>> = {
  ...tests,
  null: 'v === null',
  int: '(v | 0) === v',
  long: 'Number.isSafeInteger(v)',
  float: "typeof v === 'number'",
  double: "typeof v === 'number'",
  fixed: 'v instanceof Uint8Array && v.length === size',
  map: tests.record,
};

function refuse(at: string): never {
  throw new TypeError(`${at} does not have its schema's type`);
}

class WriterCode {
  readonly #code: GeneratedCode;
  readonly #records = new Map<RecordNode, string>();

  constructor(code: GeneratedCode) {
    this.#code = code;
  }

  /** A statement that checks and writes the local `v`. */
  statement(node: SchemaNode, at: string): string {
    switch (node.kind) {
      case 'null':
        return this.#check('null', at);
      case 'boolean':
      case 'long':
      case 'float':
      case 'double':
      case 'string':
      case 'bytes':
        return `${this.#check(node.kind, at)} s.${node.kind}(v);`;
      case 'int':
        return `${this.#check('int', at)} s.long(v);`;
      case 'fixed':
        return `${this.#check('fixed', at).replace('size', String(node.size))} s.fixed(v);`;
      case 'enum':
        return `{ const index = ${this.#code.constant(node.symbols)}.indexOf(v); if (index < 0) refuse(${JSON.stringify(at)}); s.long(index); }`;
      case 'array':
        return `${this.#check('array', at)} ${this.#array(node.items, at)}(v);`;
      case 'map':
        return `${this.#check('map', at)} ${this.#map(node.values, at)}(v);`;
      case 'record':
        return `${this.#check('record', at)} ${this.#record(node)}(v);`;
      case 'union':
        return this.#union(node, at);
    }
  }

  #check(kind: string, at: string): string {
    return `if (!(${checks[kind]})) refuse(${JSON.stringify(at)});`;
  }

  #union({ branches }: UnionNode, at: string): string {
    const shapes = branches.map((branch) => shapeOf(branch as Exclude<SchemaNode, UnionNode>));
    if (new Set(shapes).size < shapes.length) {
      throw new VigilError('BAD_DEFINITION', { detail: `${at}: branches of the union cannot be told apart by their values.` });
    }
    const choices = branches.map(
      (branch, index) =>
        `if (${tests[shapes[index] as Shape]}) { s.long(${index}); ${branch.kind === 'null' ? '' : this.statement(branch, at)} }`,
    );
    return `${choices.join(' else ')} else refuse(${JSON.stringify(at)});`;
  }

  #array(items: SchemaNode, at: string): string {
    const name = this.#code.name('a');
    const write = this.statement(items, `${at}[]`);
    this.#code.add(
      `function ${name}(list) { if (list.length > 0) { s.long(list.length); for (const v of list) { ${write} } } s.long(0); }`,
    );
    return name;
  }

  #map(values: SchemaNode, at: string): string {
    const name = this.#code.name('m');
    const write = this.statement(values, `${at}{}`);
    this.#code.add(
      `function ${name}(map) { const keys = Object.keys(map); if (keys.length > 0) { s.long(keys.length); for (const key of keys) { s.string(key); const v = map[key]; ${write} } } s.long(0); }`,
    );
    return name;
  }

  #record(record: RecordNode): string {
    const known = this.#records.get(record);
    if (known) return known;
    const name = this.#code.name('r');
    this.#records.set(record, name);
    const fields = record.fields.map((field) => this.#field(record, field));
    this.#code.add(`function ${name}(record) { ${fields.join(' ')} }`);
    return name;
  }

  /** What is left out is written as the field's default. */
  #field(record: RecordNode, { name, type, fallback }: FieldNode): string {
    const write = this.statement(type, `${shortNameOf(record.name)}.${name}`);
    const orDefault = fallback === undefined ? '' : ` if (v === undefined) v = ${literalOf(this.#code, defaultValue(type, fallback))};`;
    return `{ ${orDefault ? 'let' : 'const'} v = record.${name};${orDefault} ${write} }`;
  }
}

/**
 * Compiles an encoder for one schema. Union values are bare; a union whose branches look alike in JavaScript is refused.
 *
 * @throws VigilError SCHEMA_MISMATCH, BAD_DEFINITION
 */
export function compileWriter<Value>(schema: unknown): AvroWriter<Value> {
  const code = new GeneratedCode();
  const node = parseSchema(schema);
  const statement = new WriterCode(code).statement(node, node.kind === 'record' ? shortNameOf(node.name) : 'the value');
  code.add('let s;');
  return code.compile<AvroWriter<Value>>({ refuse }, `function write(v, sink) { s = sink; ${statement} }`);
}
