import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from '@jest/globals';
import { startStack } from '@vigil/stack';
import { checkSchemas } from './check-schemas.ts';
import { fleetSubjects } from './fleet-subjects.ts';
import { registerSchemas } from './register-schemas.ts';
import { createRegistryApi, type RegistryApi } from './registry-api.ts';

let api: RegistryApi;
beforeAll(async () => {
  api = createRegistryApi((await startStack()).env.schemaRegistryUrl);
}, 120_000);

const record = (name: string, ...fields: readonly object[]) => ({ type: 'record', name: 'Bed', namespace: `vigil.test.${name}`, fields });
const bed = { name: 'bed', type: 'string' };
const aSubject = (): string => `test-${randomUUID()}-value`;

test('a schema is new, then registered under one id; an evolved one is compatible, another is not', async () => {
  const subject = aSubject();
  const first = { subject, schema: record('a', bed) };
  const evolved = { subject, schema: record('a', bed, { name: 'floor', type: 'int', default: 0 }) };
  const broken = { subject, schema: record('a', { ...bed, type: 'long' }) };

  expect(await checkSchemas(api, [first])).toEqual([{ subject, state: 'new', messages: [] }]);
  const [registered] = await registerSchemas(api, [first]);
  expect(await registerSchemas(api, [first])).toEqual([registered]);
  expect(await checkSchemas(api, [first, evolved])).toMatchObject([{ state: 'registered' }, { state: 'compatible' }]);
  expect(await checkSchemas(api, [broken])).toMatchObject([{ state: 'incompatible' }]);
  await expect(registerSchemas(api, [broken])).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
});

test('where the registry’s own rule is another, each of our subjects gets ours', async () => {
  const subject = aSubject();
  const calls: string[] = [];
  const lax: RegistryApi = {
    async call(method, path, body) {
      calls.push(`${method} ${path}`);
      return path === '/config' ? { compatibilityLevel: 'NONE' } : api.call(method, path, body);
    },
  };

  await registerSchemas(lax, [{ subject, schema: record('b', bed) }]);

  expect(calls.at(-1)).toBe(`PUT /config/${subject}`);
  expect(await api.call('GET', `/config/${subject}`)).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' });
});

test('a registry without any rule gets ours, too', async () => {
  const calls: string[] = [];
  const silent: RegistryApi = { call: async (method, path) => (calls.push(`${method} ${path}`), path === '/config' ? null : { id: 1 }) };

  expect(await registerSchemas(silent, [{ subject: 's', schema: record('c', bed) }])).toEqual([{ subject: 's', id: 1 }]);
  expect(calls).toContain('PUT /config/s');
});

test('an answer that does not say it is compatible is not', async () => {
  const vague: RegistryApi = { call: async (_, path) => (path.startsWith('/compatibility') || path === '/subjects/s' ? null : []) };

  expect(await checkSchemas(vague, [{ subject: 's', schema: record('d', bed) }])).toEqual([
    { subject: 's', state: 'incompatible', messages: [] },
  ]);
});

test.each([
  [401, 'ACCESS_DENIED'],
  [403, 'ACCESS_DENIED'],
  [409, 'SCHEMA_MISMATCH'],
  [422, 'SCHEMA_MISMATCH'],
  [500, 'REGISTRY_AWAY'],
])('an answer of %d means %s', async (status, code) => {
  const server = createServer((_, response) => response.writeHead(status).end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answering = createRegistryApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  await expect(answering.call('GET', '/subjects')).rejects.toMatchObject({ code });
  await new Promise((resolve) => server.close(resolve));
  await expect(answering.call('GET', '/subjects')).rejects.toMatchObject({ code: 'REGISTRY_AWAY' });
});

test('every topic with a schema of its own has a subject', () => {
  const subjects = fleetSubjects().map(({ subject }) => subject);

  expect(subjects).toContain('vitals.reading.accepted.v1-value');
  expect(subjects).toContain('deid.vitals.reading.accepted.v1-value');
  expect(subjects.some((subject) => subject.includes('.dlq'))).toBe(false);
});
