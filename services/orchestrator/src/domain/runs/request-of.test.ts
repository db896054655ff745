import { expect, test } from '@jest/globals';
import { inspectWorkflow } from '@vigil/definitions';
import { compilePlan, type RunState } from '@vigil/workflows';
import { requestOf } from './request-of.ts';

const text = `name: w
parameters: {k: {type: number, default: 11}}
tasks: [{name: extract, type: output, destination: extract, parameters: {limit: "\${parameters.k}", note: "at least \${parameters.k}"}}]
`;

test('a request carries its task with the parameters of the run filled in where it names them, and no others', () => {
  const read = inspectWorkflow(text, {});
  if (!read.ok) throw new Error(read.problems[0]?.message);
  const [task] = compilePlan(read.value, { version: 1, sha256: 'x' }).tasks;
  const run = { runId: 'r', workflow: 'w', version: 1, batchId: 'b', parameters: { k: 5 } } as unknown as RunState;
  const { spec } = requestOf(task!, { kind: 'enqueue', task: 'extract', part: 0, epoch: 1, partKey: '', attempt: 1, input: {} }, run);

  expect((JSON.parse(spec) as { parameters: unknown }).parameters).toEqual({ limit: 5, note: 'at least 5' });
});
