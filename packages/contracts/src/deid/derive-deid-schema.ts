import { isAvroRecord, isAvroUnion, type AvroField, type AvroRecord, type AvroType } from '../schema/avro-types.ts';
import { deidRules, parseDeid, type DeidRule } from '../sensitivity.ts';

const derivedName = (name: string): string => `Deid${name}`;

const nullable = (type: AvroType): AvroType =>
  isAvroUnion(type) ? ['null', ...type.filter((branch) => branch !== 'null')] : ['null', type];

/** The record that leaves de-identification, without its own fields' identity: what is kept inside `type`. */
function keptType(type: AvroType): AvroType {
  if (isAvroUnion(type)) return type.map(keptType);
  if (isAvroRecord(type)) return derivedRecord(type, undefined);
  if (typeof type === 'object' && type.type === 'array') return { ...type, items: keptType(type.items) };
  if (typeof type === 'object' && type.type === 'map') return { ...type, values: keptType(type.values) };
  return type;
}

function ruledField(field: AvroField, { rule, as }: DeidRule, isIdentity: boolean): AvroField {
  const { type, what } = deidRules[rule];
  return {
    name: as ?? field.name,
    ...(isIdentity ? { type } : { type: ['null', type], default: null }),
    phi: 'de-identified',
    deid: 'keep',
    doc: what,
  };
}

function keptField(field: AvroField): AvroField {
  const { name, unit, loinc, doc } = field;
  return {
    name,
    type: nullable(keptType(field.type)),
    default: null,
    phi: 'none',
    deid: 'keep',
    ...(unit !== undefined && { unit }),
    ...(loinc !== undefined && { loinc }),
    ...(doc !== undefined && { doc }),
  };
}

/** The rule that identifies a record: its keyed id, or, where it has none (patients), the pseudonym. */
function identityRuleOf(record: AvroRecord): DeidRule | undefined {
  const rules = record.fields.flatMap((field) => {
    const deid = parseDeid(field.deid);
    return typeof deid === 'object' ? deid : [];
  });
  return rules.find(({ rule }) => rule === 'keyed-id') ?? rules.find(({ rule }) => rule === 'pseudonym');
}

function derivedRecord(record: AvroRecord, identity: DeidRule | undefined): AvroRecord {
  const fields = record.fields.flatMap((field): AvroField[] => {
    const deid = parseDeid(field.deid) ?? 'drop';
    if (deid === 'drop') return [];
    if (deid === 'keep') return [keptField(field)];
    return deid.map((rule) => ruledField(field, rule, rule === identity));
  });
  return { type: 'record', name: derivedName(record.name), fields };
}

/**
 * The de-identified form of a record: an allow-list of what its fields' `deid` rules let through.
 *
 * Every field but the record's identity is nullable with default null, so that a rule can become stricter later
 * without breaking FULL_TRANSITIVE compatibility.
 *
 * @returns undefined where no field leaves
 */
export function deriveDeidSchema(source: AvroRecord): AvroRecord | undefined {
  const derived = derivedRecord(source, identityRuleOf(source));
  if (derived.fields.length === 0) return undefined;
  return {
    type: 'record',
    name: derived.name,
    namespace: `vigil.deid.${(source.namespace ?? 'vigil').split('.').at(-1)}`,
    doc: `De-identified (Safe Harbor, 45 CFR 164.514(b)(2)) form of ${source.name}. Derived from its deid rules; do not edit.`,
    fields: derived.fields,
  };
}
