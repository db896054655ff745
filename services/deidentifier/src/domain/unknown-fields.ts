import { isAvroRecord, isAvroUnion, type AvroRecord, type AvroType, type DeidPlan } from '@vigil/contracts';

const recordIn = (type: AvroType): AvroRecord | undefined => {
  if (isAvroRecord(type)) return type;
  if (isAvroUnion(type)) return type.map(recordIn).find(Boolean);
  return typeof type === 'object' && type.type === 'array' ? recordIn(type.items) : undefined;
};

/** Fields of a writer's schema that the plan has no rule for, with the path to them: new ones, which are dropped. */
export const unknownFields = (plan: DeidPlan, schema: AvroRecord): readonly string[] =>
  schema.fields.flatMap(({ name, type }) => {
    if (!plan.knownFields.includes(name)) return [name];
    const inner = recordIn(type);
    const step = plan.steps.find((candidate) => candidate.rule === 'nested' && candidate.source === name);
    if (inner === undefined || step?.rule !== 'nested') return [];
    return unknownFields(step.plan, inner).map((path) => `${name}.${path}`);
  });
