import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { ApiProblem, statusOf, toProblem } from './problem.ts';

test.each([
  ['BAD_REQUEST', 400],
  ['RUN_NOT_SO', 409],
  ['DATABASE_CONFLICT', 503],
  ['KAFKA_AWAY', 503],
  ['ACCESS_DENIED', 500],
  ['UNKNOWN', 500],
] as const)('%s is answered with %i', (code, status) => {
  expect(statusOf(code)).toBe(status);
});

test.each([
  [{ type: 'entity.too.large', status: 413 }, 'MESSAGE_TOO_LARGE'],
  [{ type: 'encoding.unsupported', status: 415 }, 'BAD_REQUEST'],
  [{ status: 500 }, 'TIMED_OUT'],
  [{ status: 'x' }, 'UNKNOWN'],
  [new Error('of Jane Doe'), 'UNKNOWN'],
])('what was thrown over a body, %j, is a problem that tells none of it', (thrown, code) => {
  const { body } = toProblem(thrown);

  expect(body.code).toBe(code);
  expect(JSON.stringify(body)).not.toContain('Jane');
});

test('what passes says when to come again; a failure of ours says that nobody knows what took place', () => {
  expect(toProblem(new VigilError('KAFKA_AWAY'))).toMatchObject({ headers: { 'Retry-After': '2' }, body: { status: 503 } });
  expect(toProblem(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })).body.status).toBe(503);
  expect(toProblem(new VigilError('ACCESS_DENIED'))).toMatchObject({ headers: {}, body: { status: 500, detail: expect.stringContaining('is unknown') } }); // prettier-ignore
});

test('a definition tells each place, with its field where it has one; a problem tells its own words and what to do', () => {
  const detail = '\nw.yaml:2:5 tasks[0].type: unknown type\nw.yaml:3:1 no YAML\n';

  expect(toProblem(new VigilError('BAD_DEFINITION', { detail })).body.errors).toEqual([
    { line: 2, column: 5, field: 'tasks[0].type', message: 'unknown type' },
    { line: 3, column: 1, field: '', message: 'no YAML' },
  ]);
  const refused = toProblem(new ApiProblem('METHOD_NOT_ALLOWED', 'Use GET.', { headers: { Allow: 'GET' } }));
  expect(refused).toMatchObject({ headers: { Allow: 'GET' }, body: { status: 405, detail: expect.stringMatching(/^Use GET\. \S/) } });
  expect(toProblem(new ApiProblem('UNKNOWN_PATH')).body).not.toHaveProperty('errors');
});
