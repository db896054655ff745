import type { AvroRecord, AvroSchema, DeidPlan } from '@vigil/contracts';
import type { SchemaRegistry } from '@vigil/kafka';
import { unknownFields } from '../domain/unknown-fields.ts';

/** Called once per field that writers send and no rule covers. */
export type ReportField = (field: { readonly record: string; readonly field: string }) => void;

/**
 * The registry, with an eye on every writer's schema that is resolved: the engine decodes only the fields it knows, so
 * the schema is where a new field shows first. Costs nothing per record.
 */
export function watchSchemas(registry: SchemaRegistry, plans: readonly DeidPlan[], report: ReportField): SchemaRegistry {
  const reported = new Set<string>();
  const look = (schema: AvroSchema): void => {
    const written = schema as unknown as AvroRecord;
    const plan = plans.find(({ record }) => record === written.name);
    if (plan === undefined) return;
    for (const field of unknownFields(plan, written)) {
      const once = `${plan.record} ${field}`;
      if (reported.has(once)) continue;
      reported.add(once);
      report({ record: plan.record, field });
    }
  };
  return {
    idOf: (subject, schema) => registry.idOf(subject, schema),
    cached: (id) => registry.cached(id),
    schemaOf: async (id) => {
      const schema = await registry.schemaOf(id);
      look(schema);
      return schema;
    },
  };
}
