import { apiPaths, type ApiAnswers, type ApiQueries, type Problem } from '../generated/api-types.ts';

export type ReadId = keyof ApiAnswers;
export type Query = Readonly<Record<string, string | number | null | undefined>>;

/** An answer of the API that is a problem, or no answer: status 0. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = code;
  }
}

/** The address of a read: parameters of its path filled in, those of its query that have a value behind it. */
export function addressOf(id: ReadId, params: Readonly<Record<string, string>>, query: Query): string {
  const path = apiPaths[id].replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]])),
  ).toString();
  return search === '' ? path : `${path}?${search}`;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const text = [problem.title, problem.detail].filter(Boolean).join(' ');
  return new ApiFailure(response.status, problem.code ?? 'UNKNOWN', text || `The orchestrator answered ${response.status}.`);
}

export interface Asked<Id extends ReadId> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: { readonly [Name in keyof ApiQueries[Id]]: ApiQueries[Id][Name] | null | undefined };
  readonly signal?: AbortSignal;
}

export interface ApiClient {
  /** @throws ApiFailure */
  readonly read: <Id extends ReadId>(id: Id, asked?: Asked<Id>) => Promise<ApiAnswers[Id]>;
}

export interface ApiClientOptions {
  readonly apiKey: string;
  readonly fetch: typeof globalThis.fetch;
  /** Where the API is; '' = where the page is from. */
  readonly base?: string;
  /** Told when the key is not, or no longer, valid. */
  readonly refused: () => void;
}

/** Reads from the orchestrator's API. It has no way to change anything. */
export const createApiClient = ({ apiKey, fetch, base = '', refused }: ApiClientOptions): ApiClient => ({
  read: async (id, { params = {}, query = {}, signal } = {}) => {
    const address = `${base}${addressOf(id, params, query as Query)}`;
    const response = await fetch(address, { headers: { Authorization: `Bearer ${apiKey}` }, ...(signal && { signal }) }).catch(
      (error: unknown) => {
        if (signal?.aborted) throw error;
        throw new ApiFailure(0, 'NO_ANSWER', 'The orchestrator does not answer.');
      },
    );
    if (response.status === 401) refused();
    if (!response.ok) throw await failureOf(response);
    return (await response.json()) as ApiAnswers[typeof id];
  },
});
