import { VigilError } from '@vigil/core';
import type { GeneratedCode } from './generated-code.ts';
import type { SchemaNode } from './schema-node.ts';

const refuse = (kind: string): never => {
  throw new VigilError('SCHEMA_MISMATCH', { detail: `Schema: a default is not of its type ${kind}.` });
};

const entriesOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/**
 * Turns a default, as JSON in a schema has it, into the value it stands for. The default of a union is one of its first branch.
 *
 * @throws VigilError SCHEMA_MISMATCH
 */
export function defaultValue(node: SchemaNode, json: unknown): unknown {
  switch (node.kind) {
    case 'null':
      return json === null ? null : refuse(node.kind);
    case 'boolean':
      return typeof json === 'boolean' ? json : refuse(node.kind);
    case 'int':
    case 'long':
      return Number.isSafeInteger(json) ? json : refuse(node.kind);
    case 'float':
    case 'double':
      return typeof json === 'number' ? json : refuse(node.kind);
    case 'bytes':
    case 'fixed':
      return typeof json === 'string' ? Buffer.from(json, 'latin1') : refuse(node.kind);
    case 'string':
      return typeof json === 'string' ? json : refuse(node.kind);
    case 'enum':
      return typeof json === 'string' && node.symbols.includes(json) ? json : refuse(node.kind);
    case 'array':
      return Array.isArray(json) ? json.map((item) => defaultValue(node.items, item)) : refuse(node.kind);
    case 'map': {
      const entries = entriesOf(json) ?? refuse(node.kind);
      return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, defaultValue(node.values, value)]));
    }
    case 'record': {
      const entries = entriesOf(json) ?? refuse(node.kind);
      return Object.fromEntries(
        node.fields.map(({ name, type, fallback }) => [name, defaultValue(type, Object.hasOwn(entries, name) ? entries[name] : fallback)]),
      );
    }
    case 'union':
      return defaultValue(node.branches[0] as SchemaNode, json);
  }
}

/** Source that makes a default anew each time: nobody's change to one value shows in the next. */
export function literalOf(code: GeneratedCode, value: unknown): string {
  if (typeof value === 'string') return code.constant(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return `${code.constant(() => Buffer.from(value))}()`;
  if (Array.isArray(value)) return `[${value.map((item) => literalOf(code, item)).join(', ')}]`;
  const entries = Object.entries(value).map(([key, item]) => `[${JSON.stringify(key)}]: ${literalOf(code, item)}`);
  return `{ ${entries.join(', ')} }`;
}
