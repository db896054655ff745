import { isAvroRecord, isAvroUnion, type AvroField, type AvroRecord, type AvroType } from '../schema/avro-types.ts';
import { deidRules, isPhiClass, parseDeid, type Deid, type DeidRule } from '../sensitivity.ts';

/** Logical or primitive name of a type, null left aside: what a rule's `from` speaks of. */
function basisOf(type: AvroType): string {
  if (typeof type === 'string') return type;
  if (isAvroUnion(type)) return type.filter((branch) => branch !== 'null').map(basisOf).join(' | '); // prettier-ignore
  return ('logicalType' in type && type.logicalType) || type.type;
}

/** Records defined inside `type`, at any depth of unions, arrays and maps. */
function recordsIn(type: AvroType): AvroRecord[] {
  if (typeof type === 'string') return [];
  if (isAvroUnion(type)) return type.flatMap(recordsIn);
  if (isAvroRecord(type)) return [type];
  if (type.type === 'array') return recordsIn(type.items);
  return type.type === 'map' ? recordsIn(type.values) : [];
}

const ruleProblems = (field: AvroField, { rule }: DeidRule): string[] => {
  const from: readonly string[] = deidRules[rule].from;
  return from.includes(basisOf(field.type)) ? [] : [`deid rule ${rule} takes ${from.join(' or ')}, not ${basisOf(field.type)}`];
};

function deidProblems(field: AvroField, deid: Deid | undefined): string[] {
  if (deid === undefined) return [field.deid === undefined ? 'has no deid' : 'has a deid that is not of the vocabulary'];
  if (deid === 'drop') return [];
  if (deid !== 'keep') return deid.flatMap((rule) => ruleProblems(field, rule));
  if (field.phi !== 'none' && field.phi !== 'de-identified') return [`is ${String(field.phi)} and must not be kept`];
  const empty = recordsIn(field.type).filter((record) => record.fields.every((inner) => parseDeid(inner.deid) === 'drop'));
  return empty.map((record) => `is kept, but every field of ${record.name} is dropped`);
}

function fieldProblems(field: AvroField): string[] {
  const problems = deidProblems(field, parseDeid(field.deid));
  if (field.doc === undefined || field.doc === '') problems.push('has no doc');
  if (field.phi === undefined) problems.push('has no phi');
  else if (!isPhiClass(field.phi)) problems.push('has a phi that is not of the vocabulary');
  return problems;
}

function doubledTargets(record: AvroRecord): string[] {
  const targets = record.fields.flatMap((field) => {
    const deid = parseDeid(field.deid) ?? 'drop';
    if (deid === 'drop') return [];
    return deid === 'keep' ? [field.name] : deid.map(({ as }) => as ?? field.name);
  });
  return [...new Set(targets.filter((name, index) => targets.indexOf(name) !== index))];
}

/**
 * Everything wrong with the classification of a schema's fields, nested ones included, each with file and field.
 * The vocabulary is that of `sensitivity.ts`.
 */
export function sensitivityProblems(path: string, record: AvroRecord): string[] {
  const own = record.fields.flatMap((field) => fieldProblems(field).map((problem) => `${path}: ${record.name}.${field.name} ${problem}`));
  const doubled = doubledTargets(record).map((name) => `${path}: ${record.name}: two deid rules give ${name}`);
  const nested = record.fields.flatMap((field) => recordsIn(field.type)).flatMap((inner) => sensitivityProblems(path, inner));
  return [...own, ...doubled, ...nested];
}
