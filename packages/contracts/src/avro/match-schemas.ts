import { shortNameOf, type SchemaNode } from './schema-node.ts';

/** Reader kinds that can take what a writer of the key's kind wrote, by Avro's promotion rules. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** How well a reader's branch fits: 3 same name, 2 same kind, 1 by promotion, 0 not at all. */
function fit(writer: SchemaNode, reader: SchemaNode): number {
  if (writer.kind !== reader.kind) return promotions[writer.kind]?.includes(reader.kind) ? 1 : 0;
  if (!('name' in writer) || !('name' in reader)) return 2;
  if (writer.kind === 'fixed' && reader.kind === 'fixed' && writer.size !== reader.size) return 0;
  if (writer.name === reader.name) return 3;
  // A record is known by its fields: a producer's namespace, or its own name for the message, is no reason to refuse it.
  return writer.kind === 'record' || shortNameOf(writer.name) === shortNameOf(reader.name) ? 2 : 0;
}

/** Whether values of `writer` (no union) can be read as `reader` (no union), looking one level deep. */
export const fits = (writer: SchemaNode, reader: SchemaNode): boolean => fit(writer, reader) > 0;

/** The branch of a reader's union that takes what `writer` wrote: the best fit, the first among equals. */
export function branchFor(writer: SchemaNode, branches: readonly SchemaNode[]): SchemaNode | undefined {
  const best = Math.max(...branches.map((branch) => fit(writer, branch)));
  return best === 0 ? undefined : branches.find((branch) => fit(writer, branch) === best);
}
