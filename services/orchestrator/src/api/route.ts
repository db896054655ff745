import type { z } from 'zod';

/** Answers by status, with the body of each. */
export type Answers = Readonly<Record<number, z.ZodType>>;

/** One operation of the API: what it takes and what it answers. The OpenAPI document and the server are made from it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put';
  /** As OpenAPI writes it: `/v1/runs/{runId}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Whether the header Idempotency-Key makes a repeat answer as the first call did. */
  readonly idempotent?: true;
  readonly answers: Answers;
  /** Statuses of problems beyond those that any operation may answer. */
  readonly problems?: readonly (404 | 409 | 422)[];
}

type Parsed<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise;

/** What a handler is given: everything parsed. */
export interface RequestOf<Taken extends Route> {
  readonly params: Parsed<Taken['params'], Record<never, never>>;
  readonly query: Parsed<Taken['query'], Record<never, never>>;
  readonly body: Parsed<Taken['body'], null>;
  /** Of the header Idempotency-Key; null = none. */
  readonly idempotencyKey: string | null;
}

/** What a handler answers. */
export type AnswerOf<Taken extends Route> = {
  [Status in keyof Taken['answers']]: {
    readonly status: Status;
    readonly body: Taken['answers'][Status] extends z.ZodType ? z.input<Taken['answers'][Status]> : never;
  };
}[keyof Taken['answers']];

/** Checks a list of routes without widening it. */
export const defineRoutes = <Routes extends Readonly<Record<string, Route>>>(routes: Routes): Routes => routes;
