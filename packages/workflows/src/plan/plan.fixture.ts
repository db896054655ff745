import type { TaskDefinition } from '@vigil/definitions';
import type { PlannedTask, RunPlan } from './run-plan.ts';

/** A task of a test: a batch task of pool `batch` without retries, unless told otherwise. */
export type TaskGiven = Partial<Omit<PlannedTask, 'spec' | 'type'>> & {
  readonly name: string;
  readonly type?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
};

const ownTypes = ['workflow', 'approval', 'wait'];

export function aTask({ type = 'batch', spec = {}, ...given }: TaskGiven): PlannedTask {
  return {
    pool: ownTypes.includes(type) ? null : 'batch',
    dependsOn: [],
    when: [],
    retry: { attempts: 0, delayMs: 0, backoff: 'fixed', maxDelayMs: 3_600_000, jitter: 0, classes: ['transient', 'dependency'] },
    timeoutMs: null,
    fanOut: null,
    weight: { slots: 1, cpu: 1, memoryMiB: 0, io: 0 },
    fallback: null,
    onFailure: 'fail',
    ...given,
    type: type as PlannedTask['type'],
    spec: { name: given.name, type, ...spec } as unknown as TaskDefinition,
  };
}

export const aPlan = (tasks: readonly TaskGiven[], given: Partial<Omit<RunPlan, 'tasks'>> = {}): RunPlan => ({
  workflow: 'nightly',
  version: 1,
  sha256: 'a'.repeat(64),
  continuous: false,
  timeoutMs: null,
  priority: 5,
  ...given,
  tasks: tasks.map(aTask),
});
