/** An Avro schema with its names resolved: what codecs and the compatibility checker walk. */

export type PrimitiveKind = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface PrimitiveNode {
  readonly kind: PrimitiveKind;
}

export interface FixedNode {
  readonly kind: 'fixed';
  readonly name: string;
  readonly size: number;
}

export interface EnumNode {
  readonly kind: 'enum';
  readonly name: string;
  readonly symbols: readonly string[];
  /** Symbol that stands for one the reader does not know. */
  readonly fallback: string | undefined;
}

export interface ArrayNode {
  readonly kind: 'array';
  readonly items: SchemaNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly values: SchemaNode;
}

export interface UnionNode {
  readonly kind: 'union';
  readonly branches: readonly SchemaNode[];
}

export interface FieldNode {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: SchemaNode;
  /** Undefined = the field has no default. */
  readonly fallback: unknown;
}

export interface RecordNode {
  readonly kind: 'record';
  /** Full name, namespace included. */
  readonly name: string;
  readonly fields: readonly FieldNode[];
  /** The record can hold itself, at some depth: reading it has to count levels. */
  readonly recursive: boolean;
}

export type SchemaNode = PrimitiveNode | FixedNode | EnumNode | ArrayNode | MapNode | UnionNode | RecordNode;

/** The name of a named type without its namespace. */
export const shortNameOf = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1);

/**
 * The least number of bytes a value of `node` takes; zero only for what takes no byte at all. Counted once per node:
 * of a record inside itself 0 is taken, which only lowers the bound, since between the two stands a union, an array
 * or a map, each of which takes at least one byte.
 */
export function leastBytesOf(node: SchemaNode, counted: Map<SchemaNode, number> = new Map()): number {
  const known = counted.get(node);
  if (known !== undefined) return known;
  counted.set(node, 0);
  const least = countLeastBytes(node, counted);
  counted.set(node, least);
  return least;
}

function countLeastBytes(node: SchemaNode, counted: Map<SchemaNode, number>): number {
  switch (node.kind) {
    case 'null':
      return 0;
    case 'float':
      return 4;
    case 'double':
      return 8;
    case 'fixed':
      return node.size;
    case 'union':
      return 1 + Math.min(...node.branches.map((branch) => leastBytesOf(branch, counted)));
    case 'record':
      return node.fields.reduce((sum, field) => sum + leastBytesOf(field.type, counted), 0);
    case 'boolean':
    case 'int':
    case 'long':
    case 'bytes':
    case 'string':
    case 'enum':
    case 'array':
    case 'map':
      return 1;
  }
}
