import type { z } from 'zod';

/** The part of a zod schema's definition that is walked here. */
interface SchemaNode {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly options?: readonly z.ZodType[];
}

const nodeOf = (schema: z.ZodType): SchemaNode => schema.def;

function childrenOf(node: SchemaNode, step: PropertyKey): readonly z.ZodType[] {
  const child = typeof step === 'number' ? (node.items?.[step] ?? node.element) : (node.shape?.[String(step)] ?? node.valueType);
  return child ? [child] : [];
}

/** The alternatives of a union that the value can have meant: those whose literal fields agree with it. */
function agrees(option: z.ZodType, value: object): boolean {
  return Object.entries(nodeOf(option).shape ?? {}).every(([key, field]) => {
    const { values } = field.def as { readonly values?: readonly unknown[] };
    return values === undefined || values.includes((value as Readonly<Record<string, unknown>>)[key]);
  });
}

/** The keys that `schema` knows at `path` of `value`, where an object must stand: through arrays, wrappers and the matching alternatives of unions. */
export function expectedKeysAt(schema: z.ZodType, path: readonly PropertyKey[], value: object): readonly string[] {
  const node = nodeOf(schema);
  const inner = node.innerType ?? node.in;
  if (inner) return expectedKeysAt(inner, path, value);
  if (node.options) return node.options.filter((option) => agrees(option, value)).flatMap((option) => expectedKeysAt(option, path, value));
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(node.shape ?? {});
  const below = (value as Readonly<Record<PropertyKey, object>>)[step] as object;
  return childrenOf(node, step).flatMap((child) => expectedKeysAt(child, rest, below));
}
