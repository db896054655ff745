/** A parsed Avro schema: names resolved, logical types dropped. */
export type AvroNode =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly AvroField[] }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
  | { readonly kind: 'array'; readonly items: AvroNode }
  | { readonly kind: 'map'; readonly values: AvroNode }
  | { readonly kind: 'union'; readonly branches: readonly AvroNode[] };

export interface AvroField {
  readonly name: string;
  readonly node: AvroNode;
  /** Undefined = no default. */
  readonly defaultValue: unknown;
}

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type PrimitiveName = (typeof primitives)[number];

const isPrimitive = (name: unknown): name is PrimitiveName => (primitives as readonly unknown[]).includes(name);

interface Declaration {
  readonly type?: unknown;
  readonly name?: string;
  readonly namespace?: string;
  readonly fields?: readonly { readonly name: string; readonly type: unknown; readonly default?: unknown }[];
  readonly symbols?: readonly string[];
  readonly size?: number;
  readonly items?: unknown;
  readonly values?: unknown;
}

interface Scope {
  readonly namespace: string;
  readonly named: Map<string, AvroNode>;
}

const fullNameOf = (name: string, namespace: string): string => (name.includes('.') || !namespace ? name : `${namespace}.${name}`);

function parseReference(name: string, { namespace, named }: Scope): AvroNode {
  if (isPrimitive(name)) return { kind: 'primitive', name };
  const found = named.get(fullNameOf(name, namespace)) ?? named.get(name);
  if (!found) throw new TypeError(`unknown Avro type ${name}`);
  return found;
}

function parseRecord({ fields = [] }: Declaration, name: string, scope: Scope): AvroNode {
  const parsed: AvroField[] = [];
  const node: AvroNode = { kind: 'record', name, fields: parsed };
  scope.named.set(name, node);
  const inner = { namespace: name.split('.').slice(0, -1).join('.'), named: scope.named };
  for (const field of fields) parsed.push({ name: field.name, node: parse(field.type, inner), defaultValue: field.default });
  return node;
}

function parseNamed(declaration: Declaration, scope: Scope): AvroNode {
  const name = fullNameOf(declaration.name ?? '', declaration.namespace ?? scope.namespace);
  if (declaration.type === 'record' || declaration.type === 'error') return parseRecord(declaration, name, scope);
  const node: AvroNode =
    declaration.type === 'enum'
      ? { kind: 'enum', name, symbols: declaration.symbols ?? [] }
      : { kind: 'fixed', name, size: declaration.size ?? 0 };
  scope.named.set(name, node);
  return node;
}

function parse(schema: unknown, scope: Scope): AvroNode {
  if (typeof schema === 'string') return parseReference(schema, scope);
  if (Array.isArray(schema)) return { kind: 'union', branches: schema.map((branch) => parse(branch, scope)) };
  if (typeof schema !== 'object' || schema === null) throw new TypeError('an Avro schema is a name, an array or an object');
  const declaration = schema as Declaration;
  if (declaration.type === 'array') return { kind: 'array', items: parse(declaration.items, scope) };
  if (declaration.type === 'map') return { kind: 'map', values: parse(declaration.values, scope) };
  if (declaration.type === 'record' || declaration.type === 'error' || declaration.type === 'enum' || declaration.type === 'fixed') {
    return parseNamed(declaration, scope);
  }
  return parse(declaration.type, scope);
}

/** @throws TypeError for what is no Avro schema */
export const parseAvro = (schema: unknown): AvroNode => parse(schema, { namespace: '', named: new Map() });

const primitiveBytes: Readonly<Record<PrimitiveName, number>> = { null: 0, boolean: 1, int: 1, long: 1, float: 4, double: 8, bytes: 1, string: 1 };

/** The fewest bytes that a value takes: bounds how many items a block can hold. */
export function leastBytesOf(node: AvroNode, within: ReadonlySet<AvroNode> = new Set()): number {
  if (within.has(node)) return 0;
  switch (node.kind) {
    case 'primitive':
      return primitiveBytes[node.name];
    case 'fixed':
      return node.size;
    case 'record': {
      const inner = new Set([...within, node]);
      return node.fields.reduce((sum, field) => sum + leastBytesOf(field.node, inner), 0);
    }
    case 'enum':
    case 'array':
    case 'map':
    case 'union':
      return 1;
  }
}
