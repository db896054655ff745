import type { AvroRecord } from '../schema/avro-types.ts';

/** A schema in the layout of the hand-written files: a line per field. */
export function avscText({ fields, doc, name, namespace }: AvroRecord): string {
  const lines = fields.map((field) => `    ${JSON.stringify(field)}`);
  return `{
  "type": "record", "name": ${JSON.stringify(name)}, "namespace": ${JSON.stringify(namespace)},
  "doc": ${JSON.stringify(doc)},
  "fields": [
${lines.join(',\n')}
  ]
}
`;
}
