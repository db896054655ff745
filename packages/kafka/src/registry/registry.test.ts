import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createMemoryRegistry } from './memory-registry.ts';
import { createRegistry } from './create-registry.ts';

const schema = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] };

/** A registry's answers by `METHOD path`; a missing one is 404. */
let answers: Record<string, { readonly status?: number; readonly body?: object }>;
let asked: string[];
let url: string;
let close: () => Promise<void>;

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

beforeEach(async () => {
  answers = {};
  asked = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await textOf(request);
      const name = `${request.method} ${request.url}`;
      asked.push(body ? `${name} ${body.length > 0}` : name);
      const answer = answers[name] ?? { status: 404, body: { error_code: 40401 } };
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body ?? {}));
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
});
afterEach(() => close());

test('an id is looked up by subject and schema, once', async () => {
  answers['POST /subjects/t-value'] = { body: { id: 7 } };
  const registry = createRegistry({ url });
  expect(await registry.idOf('t-value', schema)).toBe(7);
  expect(await registry.idOf('t-value', schema)).toBe(7);

  expect(registry.cached(7)).toBe(schema);
  expect(asked).toHaveLength(1);
});

test('a schema that was registered in another writing is found by its content', async () => {
  answers['GET /subjects/t-value/versions/latest'] = { body: { id: 8, schema: `  ${JSON.stringify(schema, null, 2)}` } };

  expect(await createRegistry({ url }).idOf('t-value', schema)).toBe(8);
});

test('a subject that is missing or has another schema is a matter of configuration', async () => {
  const registry = createRegistry({ url });
  await expect(registry.idOf('t-value', schema)).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED', kind: 'config' });
  answers['GET /subjects/t-value/versions/latest'] = { body: { id: 8, schema: '"int"' } };
  await expect(registry.idOf('t-value', schema)).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
});

test('a schema is asked for once by its id; an unknown id is poison', async () => {
  answers['GET /schemas/ids/7'] = { body: { schema: JSON.stringify(schema) } };
  const registry = createRegistry({ url });
  expect(registry.cached(7)).toBeUndefined();
  expect(await registry.schemaOf(7)).toEqual(schema);
  expect(await registry.schemaOf(7)).toEqual(schema);
  expect(asked).toEqual(['GET /schemas/ids/7']);
  await expect(registry.schemaOf(99)).rejects.toMatchObject({ code: 'UNKNOWN_SCHEMA_ID', kind: 'poison' });
});

test('a registry that fails is away and asked again; one that refuses us is not', async () => {
  answers['GET /schemas/ids/1'] = { status: 500 };
  answers['GET /schemas/ids/2'] = { status: 403 };
  const registry = createRegistry({ url });
  await expect(registry.schemaOf(1)).rejects.toMatchObject({ code: 'REGISTRY_AWAY', kind: 'dependency' });
  expect(asked.length).toBeGreaterThan(1);
  asked = [];
  await expect(registry.schemaOf(2)).rejects.toMatchObject({ code: 'ACCESS_DENIED', kind: 'auth' });
  expect(asked).toHaveLength(1);
});

test('what is known goes on while the registry is away, and calls are held back after many failures', async () => {
  answers['GET /schemas/ids/7'] = { body: { schema: JSON.stringify(schema) } };
  const registry = createRegistry({ url });
  await registry.schemaOf(7);
  await close();
  expect(await registry.schemaOf(7)).toEqual(schema);
  const failures = await Promise.all(
    Array.from({ length: 40 }, (_, id) =>
      registry.schemaOf(1_000 + id).then(
        () => 'found',
        (error: unknown) => String(error),
      ),
    ),
  );

  expect(failures.every((failure) => failure.includes('registry does not answer'))).toBe(true);
  await expect(registry.schemaOf(5_000)).rejects.toThrow('held back');
});

test('the registry in memory registers, knows, and can be away', async () => {
  const registry = createMemoryRegistry({ strict: true });
  await expect(registry.idOf('t-value', schema)).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
  const id = registry.register(schema);
  expect(await registry.idOf('t-value', schema)).toBe(id);
  expect(registry.cached(id)).toBeUndefined();
  registry.setAway(true);
  await expect(registry.schemaOf(id)).rejects.toMatchObject({ code: 'REGISTRY_AWAY' });
  registry.setAway(false);
  expect(await registry.schemaOf(id)).toBe(schema);
  await expect(registry.schemaOf(99)).rejects.toMatchObject({ code: 'UNKNOWN_SCHEMA_ID' });
});
