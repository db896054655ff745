import type { AvroSchema } from '@vigil/contracts';

/** The schema with these fields only: what a reader leaves out is skipped, not decoded. @throws TypeError for a field it does not have */
export function projectionOf(schema: AvroSchema, reads: readonly string[]): AvroSchema {
  const fields = (schema['fields'] ?? []) as readonly { readonly name: string }[];
  const unknown = reads.filter((name) => !fields.some((field) => field.name === name));
  if (unknown.length > 0) throw new TypeError(`${String(schema['name'])} has no field ${unknown.join(', ')}`);
  return { ...schema, fields: fields.filter(({ name }) => reads.includes(name)) };
}
