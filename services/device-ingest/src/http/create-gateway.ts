import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from 'express';
import { classifyError, type Clock } from '@vigil/core';
import type { Admission } from '../domain/admission.ts';
import { maxMessageBytes } from '../domain/read-message.ts';
import { createAuthorise } from './authorise.ts';
import { holdBody, type BodyRoom } from './hold-body.ts';
import type { GatewayObserver, GatewayRoute } from './gateway-observer.ts';
import { HttpProblem, problemBody, type ProblemDetails } from './problem.ts';
import { bodyFormatOf, tooLarge } from './read-items.ts';
import { claimFormatOf, receiveClaims, type ClaimDependencies } from './receive-claims.ts';
import { patients, readings, receiveRecords, type ReceivedRequest, type ReceiveDependencies } from './receive-records.ts';

/** The latest vitals of a patient by token, as `clinical.patient_latest` holds them; null = none. */
export type ReadLatest = (patientToken: string) => Promise<object | null>;

export interface GatewayDependencies extends ReceiveDependencies, ClaimDependencies {
  readonly apiKey: string;
  readonly readLatest: ReadLatest;
  /** Holds claims back, as `admission` does everything else. */
  readonly claimAdmission: Admission;
  /** Room for bodies; who finds none waits for it. */
  readonly bodies: BodyRoom;
  readonly longestWaitMs: number;
  readonly observer: GatewayObserver;
  readonly clock: Clock;
}

const problem = (status: number, name: string, title: string, detail: string): HttpProblem =>
  new HttpProblem({ status, name, title, detail });

const databaseAway = (): HttpProblem =>
  new HttpProblem({
    status: 503,
    name: 'database-away',
    title: 'The database does not answer',
    detail: 'Ask again after the time in Retry-After.',
    retryAfterSeconds: 5,
  });

/** What body-parser and express throw, as problems; null where the failure is ours. */
function problemOf(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error;
  const { type, status } = error as { readonly type?: unknown; readonly status?: unknown };
  if (type === 'entity.too.large') return tooLarge();
  if (type === 'encoding.unsupported') {
    return problem(
      415,
      'unsupported-encoding',
      'The content encoding is not supported',
      'Send the body as it is, or with gzip, deflate or br.',
    );
  }
  // Before the failures of others: a sender that hangs up is told by an error that looks like a lost connection of ours.
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return problem(400, 'malformed-request', 'The request cannot be read', 'Check its path, its length and its content encoding.');
  }
  return ['dependency', 'transient'].includes(classifyError(error).kind) ? databaseAway() : null;
}

const ours: ProblemDetails = {
  status: 500,
  name: 'internal',
  title: 'The gateway failed',
  detail: 'Nothing of the request is confirmed; it may be repeated whole. Engineering sees this failure in the log.',
};

function answerProblem(response: Response, details: ProblemDetails): void {
  const { status, headers = {}, retryAfterSeconds } = details;
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
  response
    .set(headers)
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(details)));
}

const routeOf = (path: string): GatewayRoute => {
  if (path === '/v1/readings') return 'readings';
  if (path === '/v1/patients') return 'patients';
  if (path === '/v1/claims') return 'claims';
  return /^\/v1\/patients\/[^/]+\/latest$/.test(path) ? 'latest' : 'other';
};

/** Tells the observer of every request once it is answered. */
const observe =
  ({ observer, steady }: GatewayDependencies): RequestHandler =>
  (request, response, next) => {
    const startedMs = steady.now();
    response.once('close', () => {
      const items = (response.locals['accepted'] as number | undefined) ?? 0;
      const durationMs = steady.now() - startedMs;
      observer.answered({ route: routeOf(request.path), status: response.statusCode, items, durationMs });
    });
    next();
  };

const receive =
  (take: (request: ReceivedRequest) => Promise<number>): RequestHandler =>
  async (request: Request, response) => {
    const body = request.body instanceof Uint8Array ? (request.body as Buffer) : Buffer.alloc(0);
    const { 'content-type': contentType, traceparent } = request.headers;
    const accepted = await take({ contentType, traceparent: String(traceparent ?? ''), body });
    response.locals['accepted'] = accepted;
    response.status(202).json({ accepted });
  };

const tokenPattern = /^[\w-]{1,64}\.[\w-]{22}$/;

const latest =
  ({ readLatest }: GatewayDependencies): RequestHandler =>
  async (request, response) => {
    const token = String(request.params['token']);
    const found = tokenPattern.test(token) ? await readLatest(token) : null;
    if (found === null) throw problem(404, 'not-found', 'No vitals are known', 'No reading of a patient with this token is stored.');
    response.set('Cache-Control', 'no-store').json(found);
  };

const onlyBy =
  (method: string): RequestHandler =>
  () => {
    throw new HttpProblem({
      status: 405,
      name: 'method-not-allowed',
      title: 'The method is not allowed here',
      detail: `Use ${method}.`,
      headers: { Allow: method },
    });
  };

const answerError =
  ({ observer }: GatewayDependencies): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const known = problemOf(error);
    if (known === null) observer.failed(routeOf(request.path), error);
    answerProblem(response, known?.details ?? ours);
  };

/** The HTTP gateway in front of the `received` topics. It needs no session and keeps nothing. */
export function createGateway(dependencies: GatewayDependencies): Express {
  const authorise = createAuthorise(dependencies.apiKey);
  const app = express().disable('x-powered-by').disable('etag');
  app.use(observe(dependencies));
  app.use((request, _response, next) => {
    authorise(request.headers.authorization);
    next();
  });
  // Refused by its type a body is not read; what is read is never more than the limit, inflated or not.
  const bodyOf = (checkType: (contentType: string | undefined) => unknown): RequestHandler[] => [
    (request, _response, next) => {
      checkType(request.headers['content-type']);
      next();
    },
    holdBody(dependencies.bodies, dependencies.longestWaitMs),
    express.raw({ type: () => true, limit: maxMessageBytes }),
  ];
  const post = (
    path: string,
    checkType: (contentType: string | undefined) => unknown,
    take: (request: ReceivedRequest) => Promise<number>,
  ): void => void app.route(path).post(bodyOf(checkType), receive(take)).all(onlyBy('POST'));
  post('/v1/readings', bodyFormatOf, (request) => receiveRecords(readings, request, dependencies));
  post('/v1/patients', bodyFormatOf, (request) => receiveRecords(patients, request, dependencies));
  const ofClaims: ClaimDependencies = { ...dependencies, admission: dependencies.claimAdmission };
  post('/v1/claims', claimFormatOf, (request) => receiveClaims(request, ofClaims));
  app.route('/v1/patients/:token/latest').get(latest(dependencies)).all(onlyBy('GET'));
  app.use(() => {
    throw problem(
      404,
      'not-found',
      'There is no such path',
      'See POST /v1/readings, POST /v1/patients, POST /v1/claims, GET /v1/patients/{token}/latest.',
    );
  });
  app.use(answerError(dependencies));
  return app;
}
