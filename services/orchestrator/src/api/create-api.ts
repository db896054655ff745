import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { createAuthorise } from './authorise.ts';
import { openApiDocument } from './openapi-document.ts';
import { ApiProblem, toProblem, type FieldProblem } from './problem.ts';
import type { Route } from './route.ts';
import { routes, type Handlers, type OperationId } from './routes.ts';
import type { ChangeHub } from './stream-changes.ts';
import { streamChanges } from './stream-changes.ts';

export interface ApiDependencies {
  readonly apiKey: string;
  readonly handlers: Handlers;
  readonly changes: ChangeHub;
  /** Told of each request once it is answered. */
  readonly answered: (operation: string, status: number) => void;
  /** Told of failures of our own. */
  readonly failed: (operation: string, error: unknown) => void;
  /** Served without a key below the API's paths: the console. */
  readonly pages?: RequestHandler;
}

const mostBytes = 2 * 1024 * 1024;

const fieldOf = (place: string, path: readonly PropertyKey[]): string => [place, ...path.map(String)].join('.');

/** A part of the request, parsed. @throws ApiProblem BAD_REQUEST with every field that is wrong */
function parse(place: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return place === 'body' ? null : {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors: FieldProblem[] = parsed.error.issues.map(({ path, message }) => ({ field: fieldOf(place, path), message }));
  throw new ApiProblem('BAD_REQUEST', `${errors[0]?.field ?? place}: ${errors[0]?.message ?? 'not valid'}.`, { errors });
}

/** @throws ApiProblem BAD_REQUEST */
function idempotencyKeyOf(request: Request, route: Route): string | null {
  const key = request.get('Idempotency-Key');
  if (key === undefined || route.idempotent !== true) return null;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new ApiProblem('BAD_REQUEST', 'Idempotency-Key: 1 to 200 printable characters without a space.');
}

type AnyHandler = (request: object) => Promise<{ readonly status: number; readonly body: unknown }>;

const answer =
  (id: OperationId, { handlers }: ApiDependencies): RequestHandler =>
  async (request, response) => {
    const route: Route = routes[id];
    response.locals['operation'] = id;
    const isJson = route.body === undefined || request.is('application/json') === 'application/json';
    if (!isJson && request.get('content-length') !== '0' && request.get('content-length') !== undefined) {
      throw new ApiProblem('BAD_REQUEST', 'Send the body as application/json.');
    }
    const handle = handlers[id] as unknown as AnyHandler;
    const { status, body } = await handle({
      params: parse('path', route.params, request.params),
      query: parse('query', route.query, request.query),
      body: parse('body', route.body, request.body ?? {}),
      idempotencyKey: idempotencyKeyOf(request, route),
    });
    response.status(status).set('Cache-Control', 'no-store').json(body);
  };

const onlyBy =
  (methods: readonly string[]): RequestHandler =>
  () => {
    const allowed = methods.join(', ').toUpperCase();
    throw new ApiProblem('METHOD_NOT_ALLOWED', `Use ${allowed}.`, { headers: { Allow: allowed } });
  };

/** Adds every route, and for each path the refusal of other methods. */
function addRoutes(app: Express, dependencies: ApiDependencies): void {
  const methodsOf = new Map<string, string[]>();
  for (const [id, route] of Object.entries(routes) as [OperationId, Route][]) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app[route.method](path, answer(id, dependencies));
    methodsOf.set(path, [...(methodsOf.get(path) ?? []), route.method]);
  }
  for (const [path, methods] of methodsOf) app.all(path, onlyBy(methods));
}

const answerError =
  ({ failed }: ApiDependencies): ErrorRequestHandler =>
  (error, _request, response: Response, _next) => {
    const { body, headers } = toProblem(error);
    if (body.status === 500) failed(String(response.locals['operation'] ?? 'none'), error);
    if (response.headersSent) return void response.end();
    response.set(headers).status(body.status).type('application/problem+json').send(JSON.stringify(body));
  };

/** The REST API of workflows. It keeps nothing: all state is in PostgreSQL, so any replica answers. */
export function createApi(dependencies: ApiDependencies): Express {
  const authorise = createAuthorise(dependencies.apiKey);
  const app = express().disable('x-powered-by').disable('etag');
  app.use((_request, response, next) => {
    response.once('close', () => dependencies.answered(String(response.locals['operation'] ?? 'none'), response.statusCode));
    next();
  });
  app.use('/v1', (request, _response, next) => {
    authorise(request.headers.authorization);
    next();
  });
  app.use(express.json({ limit: mostBytes, strict: false }));
  const document = openApiDocument();
  app.get('/v1/openapi.json', (_request, response) => void response.json(document));
  app.get('/v1/stream', streamChanges(dependencies.changes));
  addRoutes(app, dependencies);
  if (dependencies.pages) app.use(dependencies.pages);
  app.use(() => {
    throw new ApiProblem('UNKNOWN_PATH', 'See GET /v1/openapi.json.');
  });
  app.use(answerError(dependencies));
  return app;
}
