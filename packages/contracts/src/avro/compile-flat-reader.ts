import { GeneratedCode } from './generated-code.ts';
import { parseSchema } from './parse-schema.ts';
import type { FieldNode, RecordNode, SchemaNode } from './schema-node.ts';

/** Which top-level fields are wanted: numbers by value, texts by where they lie. */
export interface FlatFields {
  /** Fields of type int, long or double, or null and one of these. */
  readonly numbers: readonly string[];
  /** Fields of type string. */
  readonly texts: readonly string[];
}

/** What a flat reader fills, again for every datum. */
export interface FlatValues {
  /** By index in `numbers`; NaN = null. */
  readonly numbers: Float64Array;
  /** Begin and end, two entries for each of `texts`. */
  readonly texts: Int32Array;
}

/**
 * Reads the datum from `from` to `to` into `values`, whose content counts only when it answers true.
 * False = the bytes are not as they usually are, which says nothing of whether they are right: the full reader decides.
 */
export type FlatReader = (bytes: Buffer, from: number, to: number, values: FlatValues) => boolean;

export const flatValuesOf = ({ numbers, texts }: FlatFields): FlatValues => ({
  numbers: new Float64Array(numbers.length),
  texts: new Int32Array(2 * texts.length),
});

const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);

/** What the generated code does with what is unusual. */
const fail = 'return false;';
/** 49 bits: times take six bytes. */
const usualVarintBytes = 7;

/** A zigzag varint: up to four bytes as an integer, up to seven by one multiplication. */
const longInto = (target: string): string => `
  b = bytes[at++]; low = b & 0x7f; high = 0;
  if (b >= 0x80) { b = bytes[at++]; low |= (b & 0x7f) << 7;
  if (b >= 0x80) { b = bytes[at++]; low |= (b & 0x7f) << 14;
  if (b >= 0x80) { b = bytes[at++]; low |= (b & 0x7f) << 21;
  if (b >= 0x80) { b = bytes[at++]; high = b & 0x7f;
  if (b >= 0x80) { b = bytes[at++]; high |= (b & 0x7f) << 7;
  if (b >= 0x80) { b = bytes[at++]; high |= (b & 0x7f) << 14;
  if (b >= 0x80) ${fail} } } } } } }
  ${target} = high === 0 ? (low >>> 1) ^ -(low & 1) : (low & 1) === 0 ? high * 0x8000000 + (low >>> 1) : -(high * 0x8000000 + (low >>> 1)) - 1;`;

/** Counts, lengths and branches of usual data take one or two bytes. */
const smallInto = (target: string): string => `
  b = bytes[at++]; if (b >= 0x80) { low = bytes[at++]; if (low >= 0x80) ${fail} b = (b & 0x7f) | (low << 7); }
  if (b & 1) ${fail}
  ${target} = b >>> 1;`;

const doubleInto = (target: string): string =>
  `${Array.from({ length: 8 }, (_, index) => `d[${index}] = bytes[at + ${index}];`).join(' ')} at += 8; ${target} = f[0];`;

/** Writes the statements of one field; null = its type is none that can be read flat. */
function skipCode(node: SchemaNode): string | null {
  switch (node.kind) {
    case 'null':
      return '';
    case 'boolean':
      return `if (bytes[at++] > 1) ${fail}`;
    case 'int':
    case 'long':
    case 'enum':
      return `if (${Array.from({ length: usualVarintBytes }, () => 'bytes[at++] >= 0x80').join(' && ')}) ${fail}`;
    case 'float':
      return 'at += 4;';
    case 'double':
      return 'at += 8;';
    case 'fixed':
      return `at += ${node.size};`;
    case 'bytes':
    case 'string':
      return `${smallInto('n')} at += n;`;
    case 'array':
    case 'map':
      // Empty, as it usually is.
      return `if (bytes[at++] !== 0) ${fail}`;
    case 'union':
      return unionCode(node.branches.map(skipCode));
    case 'record':
      return null;
  }
}

function unionCode(branches: readonly (string | null)[]): string | null {
  if (branches.length > 2 || branches.some((branch) => branch === null)) return null;
  const [first, second] = branches;
  const other = second === undefined ? fail : `if (b !== 2) ${fail} ${second}`;
  return `b = bytes[at++]; if (b === 0) { ${first ?? ''} } else { ${other} }`;
}

function numberCode(node: SchemaNode, target: string): string | null {
  switch (node.kind) {
    case 'null':
      return `${target} = NaN;`;
    case 'int':
      return `${longInto(target)} if (${target} !== (${target} | 0)) ${fail}`;
    case 'long':
      return longInto(target);
    case 'double':
      return doubleInto(target);
    case 'union':
      return unionCode(node.branches.map((branch) => (branch.kind === 'union' ? null : numberCode(branch, target))));
    default:
      return null;
  }
}

const textCode = (node: SchemaNode, index: number): string | null =>
  node.kind === 'string' ? `${smallInto('n')} texts[${2 * index}] = at; at += n; texts[${2 * index + 1}] = at;` : null;

function fieldCode({ name, type }: FieldNode, { numbers, texts }: FlatFields): string | null {
  if (numbers.includes(name)) return numberCode(type, `numbers[${numbers.indexOf(name)}]`);
  if (texts.includes(name)) return textCode(type, texts.indexOf(name));
  return skipCode(type);
}

const isUsable = (node: SchemaNode, { numbers, texts }: FlatFields): node is RecordNode =>
  node.kind === 'record' && !node.recursive && [...numbers, ...texts].every((name) => node.fields.some((field) => field.name === name));

/**
 * Compiles a reader of some top-level fields that makes no object and no string: for the records of a hot path, of which
 * nearly all look alike. Whatever is unusual (a long of eight bytes, an array that is not empty, a text of more than
 * 8,191 bytes, bytes that end early) it leaves to `compileReader`.
 *
 * @returns null where the schema has no such fields or holds nested records: then every datum is the full reader's
 * @throws VigilError SCHEMA_MISMATCH when it is no schema
 */
export function compileFlatReader(writerSchema: unknown, fields: FlatFields): FlatReader | null {
  const writer = parseSchema(writerSchema);
  if (!isUsable(writer, fields)) return null;
  const steps = writer.fields.map((field) => fieldCode(field, fields));
  if (steps.some((step) => step === null)) return null;
  const code = new GeneratedCode();
  code.add(`function read(bytes, from, to, values) {
    const numbers = values.numbers, texts = values.texts;
    let at = from, b = 0, low = 0, high = 0, n = 0;
    ${steps.join('\n')}
    return at === to;
  }`);
  return code.compile<FlatReader>({ d: float64Bytes, f: float64 }, 'read');
}
