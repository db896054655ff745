import type { AvroSchema } from '@vigil/contracts';
import { isVigilError, VigilError } from '@vigil/core';
import type { SchemaRegistry } from '../ports/schema-registry.ts';

export interface SchemaResolver {
  /** Undefined = ask before decoding; also defined for an id that the registry denies, so that its records go to quarantine. */
  cached(id: number): AvroSchema | undefined;
  /** @throws VigilError REGISTRY_AWAY; TIMED_OUT while an unknown id is still asked for again */
  resolve(ids: readonly number[]): Promise<void>;
}

const denials = 3;
const denialHoldsMs = 30_000;

/**
 * Asks the registry for schemas. An id that it does not know may have been registered a moment ago on another node:
 * only after three denials does it count as unknown, and half a minute later it is asked for again.
 */
export function createSchemaResolver(registry: SchemaRegistry, now: () => number): SchemaResolver {
  const denied = new Map<number, { readonly times: number; readonly atMs: number }>();
  const isDenied = (id: number): boolean => {
    const denial = denied.get(id);
    return denial !== undefined && denial.times >= denials && now() - denial.atMs < denialHoldsMs;
  };
  const deny = (id: number, cause: unknown): void => {
    const times = (denied.get(id)?.times ?? 0) + 1;
    denied.set(id, { times, atMs: now() });
    if (times < denials) throw new VigilError('TIMED_OUT', { detail: `The registry does not know schema id ${id} yet.`, cause });
  };
  return {
    cached: (id) => registry.cached(id) ?? (isDenied(id) ? {} : undefined),
    async resolve(ids) {
      for (const id of ids) {
        try {
          await registry.schemaOf(id);
          denied.delete(id);
        } catch (error) {
          if (!isVigilError(error) || error.code !== 'UNKNOWN_SCHEMA_ID') throw error;
          deny(id, error);
        }
      }
    },
  };
}
