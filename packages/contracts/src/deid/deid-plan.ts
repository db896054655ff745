import { isAvroRecord, isAvroUnion, type AvroRecord, type AvroType } from '../schema/avro-types.ts';
import { parseDeid, type DeidRuleName } from '../sensitivity.ts';

/** One field that leaves: `target` of the derived record from `source` of the original. */
export type DeidStep =
  /** The value as it is. */
  | { readonly rule: 'keep'; readonly source: string; readonly target: string }
  /** A nested record, or a list of them, by its own plan; null stays null. */
  | { readonly rule: 'nested'; readonly source: string; readonly target: string; readonly shape: 'one' | 'list'; readonly plan: DeidPlan }
  | {
      readonly rule: DeidRuleName;
      readonly source: string;
      readonly target: string;
      /** Where the source counts days since 1970-01-01 instead of milliseconds. */
      readonly unit?: 'days';
    };

/** How the deidentifier makes a derived record. What no step names does not leave. */
export interface DeidPlan {
  readonly record: string;
  readonly steps: readonly DeidStep[];
  /** Every field the schema knows, dropped ones included: a field outside this list is new and has no rule yet. */
  readonly knownFields: readonly string[];
}

/** The record inside `type` where it is one, optional, or a list of them. */
function nestedIn(type: AvroType): { record: AvroRecord; shape: 'one' | 'list' } | undefined {
  if (isAvroRecord(type)) return { record: type, shape: 'one' };
  if (isAvroUnion(type)) return type.map(nestedIn).find(Boolean);
  if (typeof type === 'object' && type.type === 'array') {
    const items = nestedIn(type.items);
    return items && { record: items.record, shape: 'list' };
  }
  return undefined;
}

/** Whether the values of `type`, null aside, are days. */
const isDays = (type: AvroType): boolean =>
  isAvroUnion(type) ? type.some(isDays) : typeof type === 'object' && 'logicalType' in type && type.logicalType === 'date';

/** Reads the plan from a schema's `deid` properties, in the order of its fields. */
export function deidPlanFrom(schema: AvroRecord): DeidPlan {
  const steps = schema.fields.flatMap(({ name, type, deid: property }): DeidStep[] => {
    const deid = parseDeid(property) ?? 'drop';
    if (deid === 'drop') return [];
    if (typeof deid === 'object') {
      const unit = isDays(type) ? ({ unit: 'days' } as const) : {};
      return deid.map(({ rule, as }) => ({ rule, source: name, target: as ?? name, ...unit }));
    }
    const nested = nestedIn(type);
    if (!nested) return [{ rule: 'keep', source: name, target: name }];
    return [{ rule: 'nested', source: name, target: name, shape: nested.shape, plan: deidPlanFrom(nested.record) }];
  });
  return { record: schema.name, steps, knownFields: schema.fields.map((field) => field.name) };
}
