import { VigilError } from '@vigil/core';

/** The part of the registry's REST interface (Confluent's, as Apicurio serves it) that commands need. */
export interface RegistryApi {
  /** Null = the registry has no such path or subject. @throws VigilError REGISTRY_AWAY, ACCESS_DENIED, SCHEMA_MISMATCH */
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<unknown>;
}

const timeoutMs = 10_000;

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new VigilError('REGISTRY_AWAY', { detail: `${new URL(url).host} does not answer.`, cause });
  }
}

async function answerOf(response: Response): Promise<unknown> {
  if (response.status === 404) return null;
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as unknown;
  const detail = `The registry answered ${response.status}: ${text.slice(0, 500)}.`;
  if (response.status === 401 || response.status === 403) throw new VigilError('ACCESS_DENIED', { detail });
  if (response.status === 409 || response.status === 422) throw new VigilError('SCHEMA_MISMATCH', { detail });
  throw new VigilError('REGISTRY_AWAY', { detail });
}

export function createRegistryApi(baseUrl: string): RegistryApi {
  return {
    async call(method, path, body) {
      const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
      return answerOf(await ask(`${baseUrl}${path}`, { method, ...(body && { headers, body: JSON.stringify(body) }) }));
    },
  };
}
