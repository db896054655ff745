import { branchFor, fits } from '../avro/match-schemas.ts';
import { parseSchema } from '../avro/parse-schema.ts';
import type { EnumNode, FieldNode, RecordNode, SchemaNode } from '../avro/schema-node.ts';

type Seen = Map<SchemaNode, Set<SchemaNode>>;

const sourceOf = (writer: RecordNode, { name, aliases }: FieldNode): FieldNode | undefined =>
  writer.fields.find((field) => field.name === name || aliases.includes(field.name));

function recordProblems(writer: RecordNode, reader: RecordNode, seen: Seen): string[] {
  const compared = seen.get(writer) ?? new Set();
  if (compared.has(reader)) return [];
  seen.set(writer, compared.add(reader));
  return reader.fields.flatMap((field) => {
    const at = `${reader.name}.${field.name}`;
    const source = sourceOf(writer, field);
    if (source) return problemsOf(source.type, field.type, at, seen);
    return field.fallback === undefined ? [`${at} has no default, and what was written without it cannot be read`] : [];
  });
}

function enumProblems(writer: EnumNode, reader: EnumNode, at: string): string[] {
  if (reader.fallback !== undefined) return [];
  return writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).map((symbol) => `${at} has lost the symbol ${symbol}`);
}

function problemsOf(writer: SchemaNode, reader: SchemaNode, at: string, seen: Seen): string[] {
  if (writer.kind === 'union') return writer.branches.flatMap((branch) => problemsOf(branch, reader, at, seen));
  if (reader.kind === 'union') {
    const branch = branchFor(writer, reader.branches);
    return branch ? problemsOf(writer, branch, at, seen) : [`${at} cannot hold ${writer.kind}`];
  }
  if (!fits(writer, reader)) return [`${at} cannot be read: ${writer.kind} as ${reader.kind}`];
  if ('name' in writer && 'name' in reader && writer.name !== reader.name) return [`${at} changes its type's name from ${writer.name}`];
  if (writer.kind === 'record' && reader.kind === 'record') return recordProblems(writer, reader, seen);
  if (writer.kind === 'enum' && reader.kind === 'enum') return enumProblems(writer, reader, at);
  if (writer.kind === 'array' && reader.kind === 'array') return problemsOf(writer.items, reader.items, `${at}[]`, seen);
  if (writer.kind === 'map' && reader.kind === 'map') return problemsOf(writer.values, reader.values, `${at}{}`, seen);
  return [];
}

/** Why some value written under `writer` could not be read under `reader`; empty = every one can. */
export const readProblems = (writer: unknown, reader: unknown): string[] =>
  problemsOf(parseSchema(writer), parseSchema(reader), 'the value', new Map());

/**
 * FULL_TRANSITIVE: the schema reads what every released form wrote, and every released form reads what it writes, so
 * that services can be deployed in any order.
 */
export const compatibilityProblems = (schema: unknown, released: readonly unknown[]): string[] => [
  ...new Set(
    released.flatMap((former, index) => [
      ...readProblems(former, schema).map((problem) => `cannot read release ${index + 1}: ${problem}`),
      ...readProblems(schema, former).map((problem) => `release ${index + 1} cannot read it: ${problem}`),
    ]),
  ),
];
