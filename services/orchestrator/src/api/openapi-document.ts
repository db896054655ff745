import { z } from 'zod';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
// Loaded for their ids: no route names them.
import './schemas/place.ts';
import './schemas/problem.ts';

type Json = Readonly<Record<string, unknown>>;

const always: Readonly<Record<number, string>> = {
  400: 'The request does not have the documented shape.',
  401: 'The API key is missing or not valid.',
  500: 'The orchestrator failed.',
  503: 'A dependency is away; repeat it after the time in Retry-After.',
};
const further: Readonly<Record<number, string>> = {
  404: 'There is nothing of this name.',
  409: 'Not possible as it stands.',
  422: 'Well-formed, and refused for what it says.',
};

const jsonSchemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, reused: 'inline' });
  return trim(rest);
};

/** The pattern of a date-time is that of the format, at the length of a paragraph. */
const trim = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('format' in value)) return value;
    const { pattern: _, ...rest } = value as { pattern?: string };
    return rest;
  }) as Json;

/** Schemas that carry an id become components; inside others they are references. Only those that `document` leads to. */
function componentsOf(document: Json): Record<string, Json> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    target: 'draft-2020-12',
    io: 'output',
    uri: (id) => `#/components/schemas/${id}`,
  }) as { schemas: Record<string, Json> };
  const reached = new Map<string, Json>();
  const reach = (from: Json): void => {
    const text = JSON.stringify(from);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (reached.has(name)) continue;
      const { $schema: _, $id: __, id: ___, ...schema } = schemas[name] as Record<string, unknown>;
      reached.set(name, trim(schema));
      reach(schema);
    }
  };
  reach(document);
  return Object.fromEntries([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A schema with its nested components as references to them. */
function withReferences(schema: z.ZodType): Json {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  const { $defs = {}, ...rest } = jsonSchemaOf(schema, 'output') as { $defs?: Json };
  const text = JSON.stringify(rest).replaceAll('"#/$defs/', '"#/components/schemas/');
  if (Object.keys($defs).some((name) => name.startsWith('__'))) throw new Error('A schema that is used twice needs an id.');
  return JSON.parse(text) as Json;
}

const parametersOf = (schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] =>
  Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = jsonSchemaOf(field as z.ZodType, 'output') as { description?: string };
    return {
      name,
      in: place,
      required: place === 'path',
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });

const keyHeader: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and body answer as the first call did; the same key with another body is refused (422).',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

const problemAnswer = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

function answersOf({ answers, problems = [] }: Route): Json {
  const good = Object.entries(answers).map(([status, schema]) => [
    status,
    { description: status === '201' ? 'Made.' : 'Done.', content: { 'application/json': { schema: withReferences(schema) } } },
  ]);
  const bad: [string, string | undefined][] = Object.entries({
    ...always,
    ...Object.fromEntries(problems.map((status) => [status, further[status]] as const)),
  });
  return Object.fromEntries([...good, ...bad.map(([status, text]) => [status, problemAnswer(text ?? '')])]) as Json;
}

const operationOf = (id: string, route: Route): Json => ({
  operationId: id,
  summary: route.summary,
  parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query'), ...(route.idempotent ? [keyHeader] : [])],
  ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(route.body, 'input') } } } }),
  responses: answersOf(route),
});

/** The stream is no JSON answer: it is described by hand. */
const streamOperation: Json = {
  operationId: 'stream',
  summary: 'Every change of runs as server-sent events; each `data` is a Change. A comment every 15 s says that the stream is alive.',
  parameters: [
    { name: 'workflow', in: 'query', required: false, schema: { type: 'string' } },
    { name: 'runId', in: 'query', required: false, schema: { type: 'string', format: 'uuid' } },
    {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      description: 'Id of the last event that was seen: goes on behind it. Without it the stream begins now.',
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: {
      description: 'Events until either side ends it; `data` of each is a Change.',
      content: { 'text/event-stream': { schema: { type: 'string' }, 'x-event-data': { $ref: '#/components/schemas/Change' } } },
    },
    ...Object.fromEntries(Object.entries(always).map(([status, text]) => [status, problemAnswer(text)])),
  },
};

/** OpenAPI 3.1 of the orchestrator's API, made from its routes. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [id, route] of Object.entries(routes) as [string, Route][]) {
    (paths[route.path] ??= {})[route.method] = operationOf(id, route);
  }
  paths['/v1/stream'] = { get: streamOperation };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vigil orchestrator',
      version: '1',
      description:
        'Workflows, runs, schedules, backfills, pools and files. The API key is one trust domain: whoever holds it may do everything, and `by` is the name that they give.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    paths,
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } }, schemas: componentsOf(paths) },
  };
}
