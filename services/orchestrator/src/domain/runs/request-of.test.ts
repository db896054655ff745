import { expect, test } from '@jest/globals';
import { inspectWorkflow } from '@vigil/definitions';
import { compilePlan, type RunState } from '@vigil/workflows';
import { requestOf, specOf, traceparentOf } from './request-of.ts';

const text = `name: w
parameters: {k: {type: number, default: 11}}
tasks: [{name: extract, type: output, destination: extract, parameters: {limit: "\${parameters.k}", note: "at least \${parameters.k}"}}]
`;

test('a request carries its task with the parameters of the run filled in where it names them, and no others', () => {
  const read = inspectWorkflow(text, {});
  if (!read.ok) throw new Error(read.problems[0]?.message);
  const [task] = compilePlan(read.value, { version: 1, sha256: 'x' }).tasks;
  const run = { runId: 'r', workflow: 'w', version: 1, batchId: 'b', parameters: { k: 5 } } as unknown as RunState;
  const spec = specOf(task!, run);
  const { traceparent } = requestOf(
    task!,
    { kind: 'enqueue', task: 'extract', part: 0, epoch: 1, partKey: '', attempt: 1, input: {} },
    run,
  );

  expect(traceparent).toBe(traceparentOf('r', { task: 'extract', part: 0, epoch: 1 }));
  expect((JSON.parse(spec) as { parameters: unknown }).parameters).toEqual({ limit: 5, note: 'at least 5' });
});

test('attempts of a run are spans of one trace, and other runs are other traces', () => {
  const attempt = { task: 'extract', part: 0, epoch: 1 };
  const contexts = [
    traceparentOf('r', attempt),
    traceparentOf('r', { ...attempt, epoch: 2 }),
    traceparentOf('r', { ...attempt, part: 1 }),
    traceparentOf('s', attempt),
  ];
  expect(contexts.every((context) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(context))).toBe(true);
  const [traces, spans] = [3, 36].map((at) => contexts.map((context) => context.slice(at, at === 3 ? 35 : 52)));
  expect(traces?.slice(0, 3)).toEqual(Array(3).fill(traces?.[0]));
  expect(traces?.[3]).not.toBe(traces?.[0]);
  expect(new Set(spans).size).toBe(4);
  expect(traceparentOf('r', attempt)).toBe(contexts[0]);
});
