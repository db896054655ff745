import { readFileSync } from 'node:fs';
import { errorCatalogue, VigilError, type ErrorCode } from '@vigil/core';

/** The REST API of the orchestrator, as docs/reference/orchestrator-api.openapi.json describes it. */
export interface OrchestratorApi {
  get<Answer>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<Answer>;
  post<Answer>(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  put<Answer>(path: string, body: object): Promise<Answer>;
}

export interface ApiAddress {
  readonly url: string;
  readonly apiKey: string;
}

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string; readonly line?: number; readonly column?: number }[];
}

const isCode = (code: string | undefined): code is ErrorCode => code !== undefined && Object.hasOwn(errorCatalogue, code);

const placeOf = ({ field, message, line, column }: NonNullable<Problem['errors']>[number]): string =>
  `\n  ${line === undefined ? '' : `${line}:${column ?? 1} `}${field === '' ? '' : `${field}: `}${message}`;

/** The server's words: its detail ends with the action, which our own error adds. */
function failureOf({ code, title, detail = '', errors = [] }: Problem, status: number): Error {
  if (!isCode(code)) return new Error(`The orchestrator answers ${status}: ${title ?? 'no problem told'} ${detail}`.trim());
  const { what, action } = errorCatalogue[code];
  const own = detail.replaceAll(what, '').replaceAll(action, '').trim();
  return new VigilError(code, { detail: errors.length > 0 ? errors.map(placeOf).join('') : own });
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const body = (await response.json().catch(() => ({}))) as Answer & Problem;
  if (response.ok) return body;
  throw failureOf(body, response.status);
}

/** Calls the API at an address. @throws VigilError of the problem that it answers, or ORCHESTRATOR_AWAY */
export function openOrchestratorApi({ url, apiKey }: ApiAddress): OrchestratorApi {
  const call = async <Answer>(
    method: string,
    path: string,
    { body, headers = {} }: { body?: object; headers?: object } = {},
  ): Promise<Answer> => {
    const request = {
      method,
      headers: { Authorization: `Bearer ${apiKey}`, ...(body && { 'Content-Type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    };
    const response = await fetch(`${url}${path}`, request).catch((cause: unknown) => {
      throw new VigilError('ORCHESTRATOR_AWAY', { detail: url, cause });
    });
    return answerOf<Answer>(response);
  };
  return {
    get: (path, query = {}) => {
      const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
      const text = new URLSearchParams(given).toString();
      return call('GET', text === '' ? path : `${path}?${text}`);
    },
    post: (path, body, headers) => call('POST', path, { body, ...(headers && { headers }) }),
    put: (path, body) => call('PUT', path, { body }),
  };
}

/** Where the API is and what key it takes: of the environment as in a cluster, else of the local stack. */
export async function findOrchestratorApi(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<OrchestratorApi> {
  const { addressOf } = await import('../connect/addresses.ts');
  const { stackEnv } = await import('@vigil/stack');
  const keyFile = environment['VIGIL_ORCHESTRATOR_API_KEY_FILE'];
  const url = addressOf('orchestratorUrl', environment);
  return openOrchestratorApi({ url, apiKey: keyFile === undefined ? stackEnv().gatewayApiKey : readFileSync(keyFile, 'utf8').trim() });
}
