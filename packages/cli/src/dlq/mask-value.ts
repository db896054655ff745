import { isAvroRecord, isAvroUnion, type AvroField, type AvroRecord, type AvroType } from '@vigil/contracts';

/** What stands for a value that may identify somebody. */
export const mask = '***';

/** Beyond this a number is no measurement: it could be a record or security number in the wrong field. */
const largestShown = 1_000_000;

/** Whose words a text is: what a sender typed is never shown, what our own stages wrote is by their classification. */
export type Wording = 'sender' | 'ours';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function maskScalar(value: unknown, wording: Wording): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Math.abs(value) < largestShown ? value : mask;
  return typeof value === 'string' && wording === 'ours' ? value : mask;
}

function maskTyped(value: unknown, type: AvroType, wording: Wording): unknown {
  if (value === null) return null;
  if (isAvroUnion(type)) {
    const branch = type.find((candidate) => candidate !== 'null');
    return branch === undefined ? mask : maskTyped(value, branch, wording);
  }
  if (isAvroRecord(type)) return isObject(value) ? maskRecord(value, type, wording) : mask;
  if (typeof type === 'object' && type.type === 'array') {
    return Array.isArray(value) ? value.map((item) => maskTyped(item, type.items, wording)) : mask;
  }
  // Keys of a map are data.
  if (typeof type === 'object' && type.type === 'map') return isObject(value) ? `${Object.keys(value).length} entries` : mask;
  return maskScalar(value, wording);
}

const maskField = (value: unknown, field: AvroField, wording: Wording): unknown => {
  if (value === null) return null;
  return field.phi === 'none' || field.phi === 'de-identified' ? maskTyped(value, field.type, wording) : mask;
};

/** Fields outside the schema are counted, not named: a name can be data, too. */
function maskRecord(value: Record<string, unknown>, { fields }: AvroRecord, wording: Wording): Record<string, unknown> {
  const known = fields.filter(({ name }) => Object.hasOwn(value, name));
  const shown = Object.fromEntries(known.map((field) => [field.name, maskField(value[field.name], field, wording)]));
  const others = Object.keys(value).length - known.length;
  return others === 0 ? shown : { ...shown, '…': `${others} fields outside the schema` };
}

/** A value with everything masked that its schema does not classify as identifying nobody. */
export function maskValue(value: unknown, schema: AvroRecord, wording: Wording): unknown {
  if (isObject(value)) return maskRecord(value, schema, wording);
  return `no object: ${Array.isArray(value) ? `list of ${value.length}` : value === null ? 'null' : typeof value}`;
}
