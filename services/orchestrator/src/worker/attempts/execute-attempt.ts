import type { TaskRequested } from '@vigil/contracts';
import type { TaskDefinition } from '@vigil/definitions';
import { VigilError } from '@vigil/core';
import type { TaskResult } from '@vigil/workflows';
import type { Executor, FindExecutor, TaskExecution } from '../executor.ts';
import type { PayloadStore } from '../payload-store.ts';

const largestInlineBytes = 65_536;

type Input = TaskExecution['input'];

async function inputOf({ input, inputRef }: TaskRequested, payloads: PayloadStore): Promise<Input> {
  return (inputRef === null ? JSON.parse(input) : await payloads.load(inputRef)) as Input;
}

/** @throws VigilError NO_EXECUTOR */
export function executorOf(
  { workflow, task, spec }: TaskRequested,
  find: FindExecutor,
): { readonly executor: Executor; readonly spec: TaskDefinition } {
  const parsed = JSON.parse(spec) as TaskDefinition;
  const executor = find({ workflow, spec: parsed });
  if (executor) return { executor, spec: parsed };
  const { type, ...rest } = parsed;
  const named = ['function', 'source', 'destination'].flatMap((key) => {
    const value = (rest as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? [`${key} ${value}`] : [];
  });
  throw new VigilError('NO_EXECUTOR', { detail: `Task ${task} of ${workflow}: type ${type}${named.map((name) => `, ${name}`).join('')}.` });
}

/** Values that make a result too large for a message go into the database. */
async function keepSmall(request: TaskRequested, result: TaskResult, payloads: PayloadStore): Promise<TaskResult> {
  if (Buffer.byteLength(JSON.stringify(result)) <= largestInlineBytes) return result;
  return { counts: result.counts, values: {}, ref: await payloads.save(request.runId, result.values) };
}

export interface Conduct {
  readonly find: FindExecutor;
  readonly payloads: PayloadStore;
  readonly onExecutor: (executor: Executor) => void;
}

/** One attempt from its input to its result. @throws whatever the executor rejects with */
export async function executeAttempt(
  request: TaskRequested,
  live: Pick<TaskExecution, 'signal' | 'progress' | 'log'>,
  { find, payloads, onExecutor }: Conduct,
): Promise<TaskResult> {
  const { executor, spec } = executorOf(request, find);
  onExecutor(executor);
  const input = await inputOf(request, payloads);
  live.signal.throwIfAborted();
  const result = await executor.run({ request, spec, input, ...live });
  return keepSmall(request, result, payloads);
}
