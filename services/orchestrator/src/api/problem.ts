import { classifyError, errorCatalogue, isVigilError, type ErrorCode } from '@vigil/core';
import type { ProblemBody } from './schemas/problem.ts';

export type FieldProblem = NonNullable<ProblemBody['errors']>[number];

/** Ends a request: an error of the catalogue with the fields that it is about. */
export class ApiProblem extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, detail = '', more: { errors?: readonly FieldProblem[]; headers?: Readonly<Record<string, string>> } = {}) {
    super(errorCatalogue[code].what);
    this.name = 'ApiProblem';
    this.code = code;
    this.detail = detail;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

const statuses: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  API_KEY_REFUSED: 401,
  NO_APPROVER: 403,
  UNKNOWN_PATH: 404,
  WORKFLOW_UNKNOWN: 404,
  RUN_UNKNOWN: 404,
  SCHEDULE_UNKNOWN: 404,
  BACKFILL_UNKNOWN: 404,
  POOL_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  RUN_NOT_SO: 409,
  BACKFILL_NOT_SO: 409,
  MESSAGE_TOO_LARGE: 413,
  BAD_DEFINITION: 422,
  BAD_BACKFILL: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  CONSOLE_NOT_BUILT: 503,
};

/** The HTTP status of a failure: what the caller can mend is 4xx, what passes is 503. */
export function statusOf(code: ErrorCode | 'UNKNOWN'): number {
  if (code === 'UNKNOWN') return 500;
  const { kind } = errorCatalogue[code];
  return statuses[code] ?? (kind === 'dependency' || kind === 'transient' ? 503 : 500);
}

/** `file:line:column path: message` of a definition's problems, as fields. */
const placePattern = /^[^\n:]*:(\d+):(\d+) (?:([\w.[\]]+): )?(.+)$/gm;

const placesOf = (text: string): FieldProblem[] =>
  [...text.matchAll(placePattern)].map(([, line, column, field = '', message = '']) => ({
    field,
    message,
    line: Number(line),
    column: Number(column),
  }));

export interface Problem {
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
}

const problemOf = (code: ErrorCode | 'UNKNOWN', detail: string, errors: readonly FieldProblem[] = []): ProblemBody => ({
  type: `urn:vigil:problem:${code.toLowerCase().replaceAll('_', '-')}`,
  title: code === 'UNKNOWN' ? 'The orchestrator failed.' : errorCatalogue[code].what,
  status: statusOf(code),
  code,
  detail,
  ...(errors.length > 0 && { errors: [...errors] }),
});

/** What body-parser throws, in our words. */
function ofParser(error: unknown): ApiProblem | null {
  const { type, status } = error as { readonly type?: unknown; readonly status?: unknown };
  if (type === 'entity.too.large') return new ApiProblem('MESSAGE_TOO_LARGE', 'A request has at most 2 MB.');
  return typeof status === 'number' && status >= 400 && status < 500
    ? new ApiProblem('BAD_REQUEST', 'The body is not JSON in UTF-8, or the request breaks off.')
    : null;
}

/** Any failure as a problem. An unexpected one tells nothing but that it happened. */
export function toProblem(thrown: unknown): Problem {
  const error = thrown instanceof ApiProblem || isVigilError(thrown) ? thrown : (ofParser(thrown) ?? thrown);
  if (error instanceof ApiProblem) {
    const detail = [error.detail, errorCatalogue[error.code].action].filter(Boolean).join(' ');
    return { body: problemOf(error.code, detail, error.errors), headers: error.headers };
  }
  const { code } = classifyError(error);
  const known = code !== 'UNKNOWN' && statusOf(code) !== 500;
  if (!known)
    return { body: problemOf(code, 'Whether anything of the request took place is unknown; look before you repeat it.'), headers: {} };
  const headers: Record<string, string> = statusOf(code) === 503 ? { 'Retry-After': '2' } : {};
  const errors = code === 'BAD_DEFINITION' && isVigilError(error) ? placesOf(error.message) : [];
  return { body: problemOf(code, isVigilError(error) ? error.message : errorCatalogue[code].action, errors), headers };
}
