import { isDeepStrictEqual } from 'node:util';
import type { AvroSchema } from '@vigil/contracts';
import { classifyError, isVigilError, VigilError } from '@vigil/core';
import { circuitBreaker, ExponentialBackoff, handleWhen, isBrokenCircuitError, retry, SamplingBreaker, wrap } from 'cockatiel';
import type { SchemaRegistry } from '../ports/schema-registry.ts';

export interface RegistryOptions {
  /** Base of the Confluent API, for Apicurio ending in /apis/ccompat/v7. */
  readonly url: string;
  readonly timeoutMs?: number;
}

interface Answer {
  readonly id?: number;
  readonly schema?: string;
}

const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
const attempts = 3;
/** The breaker opens at half of at least 20 calls in 30 s and tries again after 10 s. */
const breakerLimits = { threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 };
const halfOpenAfterMs = 10_000;

const isPassing = handleWhen((error) => classifyError(error).kind === 'dependency');

/** @returns null where the registry does not know what was asked for. @throws VigilError REGISTRY_AWAY, ACCESS_DENIED */
async function ask(url: string, timeoutMs: number, body?: object): Promise<Answer | null> {
  let response: Response;
  try {
    const method = body ? 'POST' : 'GET';
    response = await fetch(url, { method, headers, signal: AbortSignal.timeout(timeoutMs), ...(body && { body: JSON.stringify(body) }) });
    if (response.ok) return (await response.json()) as Answer;
  } catch (cause) {
    throw new VigilError('REGISTRY_AWAY', { cause });
  }
  await response.body?.cancel();
  if (response.status === 404) return null;
  throw new VigilError(response.status === 401 || response.status === 403 ? 'ACCESS_DENIED' : 'REGISTRY_AWAY', {
    detail: `HTTP ${response.status}.`,
  });
}

/** A schema registry by the Confluent API. Answers are kept for ever; what is known goes on while the registry is away. */
export function createRegistry({ url, timeoutMs = 3_000 }: RegistryOptions): SchemaRegistry {
  const schemas = new Map<number, AvroSchema>();
  const ids = new Map<string, number>();
  const policy = wrap(
    retry(isPassing, { maxAttempts: attempts, backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 }) }),
    circuitBreaker(isPassing, { breaker: new SamplingBreaker(breakerLimits), halfOpenAfter: halfOpenAfterMs }),
  );
  const call = async (path: string, body?: object): Promise<Answer | null> => {
    try {
      return await policy.execute(() => ask(`${url}${path}`, timeoutMs, body));
    } catch (error) {
      if (isVigilError(error)) throw error;
      throw new VigilError('REGISTRY_AWAY', { cause: error, ...(isBrokenCircuitError(error) && { detail: 'Calls are held back.' }) });
    }
  };
  /** The same schema, written with other white space or registered by another client. */
  const latestIfEqual = async (subject: string, schema: AvroSchema): Promise<number | undefined> => {
    const latest = await call(`/subjects/${encodeURIComponent(subject)}/versions/latest`);
    return latest?.schema !== undefined && isDeepStrictEqual(JSON.parse(latest.schema), JSON.parse(JSON.stringify(schema)))
      ? latest.id
      : undefined;
  };
  return {
    async idOf(subject, schema) {
      const text = JSON.stringify(schema);
      const known = ids.get(`${subject} ${text}`);
      if (known !== undefined) return known;
      const found = await call(`/subjects/${encodeURIComponent(subject)}`, { schema: text, schemaType: 'AVRO' });
      const id = found?.id ?? (await latestIfEqual(subject, schema));
      if (id === undefined) throw new VigilError('SCHEMA_NOT_REGISTERED', { detail: subject });
      ids.set(`${subject} ${text}`, id);
      schemas.set(id, schema);
      return id;
    },
    async schemaOf(id) {
      const known = schemas.get(id);
      if (known) return known;
      const found = await call(`/schemas/ids/${id}`);
      if (found?.schema === undefined) throw new VigilError('UNKNOWN_SCHEMA_ID', { detail: `id ${id}` });
      const schema = JSON.parse(found.schema) as AvroSchema;
      schemas.set(id, schema);
      return schema;
    },
    cached: (id) => schemas.get(id),
  };
}
