import type { AvroSchema } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { SchemaRegistry } from '../ports/schema-registry.ts';

export interface MemoryRegistry extends SchemaRegistry {
  /** Registers a schema; the same content has the same id. */
  register(schema: AvroSchema): number;
  /** Simulates an outage. */
  setAway(away: boolean): void;
}

/** A registry in memory. `idOf` registers what is missing unless `strict`. */
export function createMemoryRegistry({ strict = false }: { readonly strict?: boolean } = {}): MemoryRegistry {
  const ids = new Map<string, number>();
  const schemas = new Map<number, AvroSchema>();
  const resolved = new Set<number>();
  let away = false;
  const register = (schema: AvroSchema): number => {
    const text = JSON.stringify(schema);
    const known = ids.get(text);
    if (known !== undefined) return known;
    const id = ids.size + 1;
    ids.set(text, id);
    schemas.set(id, schema);
    return id;
  };
  const answer = (): void => {
    if (away) throw new VigilError('REGISTRY_AWAY');
  };
  return {
    register,
    setAway: (value) => void (away = value),
    async idOf(subject, schema) {
      answer();
      if (strict && !ids.has(JSON.stringify(schema))) throw new VigilError('SCHEMA_NOT_REGISTERED', { detail: subject });
      return register(schema);
    },
    async schemaOf(id) {
      const schema = schemas.get(id);
      if (schema && resolved.has(id)) return schema;
      answer();
      if (!schema) throw new VigilError('UNKNOWN_SCHEMA_ID', { detail: `id ${id}` });
      resolved.add(id);
      return schema;
    },
    cached: (id) => (resolved.has(id) ? schemas.get(id) : undefined),
  };
}
