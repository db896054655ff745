import { VigilError } from '@vigil/core';
import type { EnumNode, FieldNode, FixedNode, PrimitiveKind, RecordNode, SchemaNode, UnionNode } from './schema-node.ts';

const primitives: readonly string[] = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] satisfies PrimitiveKind[];
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Deeper nesting than any honest schema; it keeps a hostile one from exhausting the stack. */
const maxNesting = 64;

type Draft = Record<string, unknown>;
interface Scope {
  readonly named: Map<string, SchemaNode>;
  /** Records whose fields are being read, outermost first. */
  readonly open: readonly MutableRecord[];
  readonly namespace: string;
  readonly depth: number;
}
interface MutableRecord extends RecordNode {
  fields: FieldNode[];
  recursive: boolean;
}

const refuse = (detail: string): never => {
  throw new VigilError('SCHEMA_MISMATCH', { detail: `Schema: ${detail}.` });
};

/** A name that may become a property of a value: no dots, and not the one that would change its prototype. */
function checkedName(name: unknown): string {
  if (typeof name !== 'string' || !namePattern.test(name) || name === '__proto__') return refuse('a name is not an Avro name');
  return name;
}

function fullNameOf(draft: Draft, scope: Scope): { name: string; namespace: string } {
  const { name, namespace = scope.namespace } = draft;
  const given = typeof name === 'string' && typeof namespace === 'string' ? name : refuse('a named type has no name');
  for (const part of given.split('.')) checkedName(part);
  const dot = given.lastIndexOf('.');
  const space = dot < 0 ? String(namespace) : given.slice(0, dot);
  return { name: dot < 0 && space !== '' ? `${space}.${given}` : given, namespace: space };
}

function declare<Node extends SchemaNode & { name: string }>(node: Node, { named }: Scope): Node {
  if (named.has(node.name)) refuse(`two types are named ${node.name}`);
  named.set(node.name, node);
  return node;
}

function parseField(draft: unknown, scope: Scope): FieldNode {
  const { name, type, aliases = [], default: fallback } = (draft ?? {}) as Draft;
  return {
    name: checkedName(name),
    aliases: Array.isArray(aliases) ? aliases.map(checkedName) : [],
    type: parseType(type, scope),
    fallback,
  };
}

function parseRecord(draft: Draft, scope: Scope): RecordNode {
  const { name, namespace } = fullNameOf(draft, scope);
  const record: MutableRecord = declare({ kind: 'record', name, fields: [], recursive: false }, scope);
  if (!Array.isArray(draft['fields'])) refuse(`${name} has no fields`);
  const inner = { ...scope, namespace, open: [...scope.open, record] };
  for (const field of draft['fields'] as unknown[]) record.fields.push(parseField(field, inner));
  if (new Set(record.fields.map((field) => field.name)).size < record.fields.length) refuse(`${name} has two fields of one name`);
  return record;
}

function parseEnum(draft: Draft, scope: Scope): EnumNode {
  const symbols = Array.isArray(draft['symbols']) ? draft['symbols'].map(checkedName) : refuse('an enum has no symbols');
  const fallback = draft['default'];
  return declare(
    { kind: 'enum', name: fullNameOf(draft, scope).name, symbols, fallback: typeof fallback === 'string' ? fallback : undefined },
    scope,
  );
}

function parseFixed(draft: Draft, scope: Scope): FixedNode {
  const size = draft['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return refuse('a fixed has no size');
  return declare({ kind: 'fixed', name: fullNameOf(draft, scope).name, size }, scope);
}

function parseUnion(branches: readonly unknown[], scope: Scope): UnionNode {
  const nodes = branches.map((branch) => parseType(branch, scope));
  if (nodes.length === 0 || nodes.some(({ kind }) => kind === 'union')) refuse('a union is empty or holds a union');
  return { kind: 'union', branches: nodes };
}

function parseName(name: string, { named, namespace, open }: Scope): SchemaNode {
  if (primitives.includes(name)) return { kind: name as PrimitiveKind };
  const node = named.get(name) ?? named.get(`${namespace}.${name}`) ?? refuse('a type is referred to and not defined');
  const at = open.findIndex((record) => record === node);
  if (at >= 0) for (const record of open.slice(at)) record.recursive = true;
  return node;
}

function parseType(draft: unknown, outer: Scope): SchemaNode {
  const scope = { ...outer, depth: outer.depth + 1 };
  if (scope.depth > maxNesting) refuse(`types are nested more than ${maxNesting} deep`);
  if (typeof draft === 'string') return parseName(draft, scope);
  if (Array.isArray(draft)) return parseUnion(draft, scope);
  if (typeof draft !== 'object' || draft === null) return refuse('a type is neither a name nor a definition');
  const { type, items, values } = draft as Draft;
  switch (type) {
    case 'record':
      return parseRecord(draft as Draft, scope);
    case 'enum':
      return parseEnum(draft as Draft, scope);
    case 'fixed':
      return parseFixed(draft as Draft, scope);
    case 'array':
      return { kind: 'array', items: parseType(items, scope) };
    case 'map':
      return { kind: 'map', values: parseType(values, scope) };
    default:
      return parseType(type, scope);
  }
}

/**
 * Reads an Avro schema, whoever wrote it: names are checked because generated code is made from them.
 * Logical types are read as the type beneath.
 *
 * @throws VigilError SCHEMA_MISMATCH
 */
export const parseSchema = (schema: unknown): SchemaNode => parseType(schema, { named: new Map(), open: [], namespace: '', depth: 0 });
