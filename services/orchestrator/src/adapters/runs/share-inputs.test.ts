import { expect, test } from '@jest/globals';
import type { RunEffect, TaskResult } from '@vigil/workflows';
import { createShareInputs } from './share-inputs.ts';
import type { PayloadRow } from './wait-rows.ts';

type Enqueue = Extract<RunEffect, { readonly kind: 'enqueue' }>;
const resultOf = (length: number): TaskResult => ({ counts: {}, values: { list: 'x'.repeat(length) }, ref: null });
const partsOf = (count: number, before: TaskResult, task = 'one'): Enqueue[] =>
  Array.from({ length: count }, (_, part) => ({ kind: 'enqueue', task, part, partKey: '', attempt: 1, epoch: 1, input: { before } }));

test('parts that were queued together share one input: many copies of it travel by reference, few as they are', () => {
  const payloads: PayloadRow[] = [];
  const [many, few] = [partsOf(1000, resultOf(2000)), partsOf(10, resultOf(2000), 'two')];
  const shared = createShareInputs('r', [...many, ...few], payloads);
  expect(new Set(many.map((effect) => shared(effect).inputRef))).toEqual(new Set([payloads[0]?.payloadId]));
  expect(shared(few[0]!)).toEqual({ input: JSON.stringify(few[0]!.input), inputRef: null });
  expect(payloads).toEqual([{ payloadId: payloads[0]?.payloadId, runId: 'r', body: JSON.stringify(many[0]!.input) }]);
});

test('an input above 64 KiB travels by reference, and one that changed in between is another', () => {
  const payloads: PayloadRow[] = [];
  const [first] = partsOf(1, resultOf(70_000));
  const [second] = partsOf(1, resultOf(70_000));
  const shared = createShareInputs('r', [first!, second!], payloads);
  expect(shared(first!).inputRef).not.toBe(shared(second!).inputRef);
  expect(payloads).toHaveLength(2);
});
