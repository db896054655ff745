import type { SeededRandom } from '@vigil/testing';
import type { PlannedTask, RunPlan } from '@vigil/workflows';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

interface TaskGiven extends Partial<Omit<PlannedTask, 'spec' | 'type'>> {
  readonly name: string;
  readonly type?: PlannedTask['type'];
}

function specOf(name: string, type: PlannedTask['type']): PlannedTask['spec'] {
  const common = { name, depends_on: [] };
  if (type === 'workflow') return { ...common, type, workflow: 'child', parameters: {} };
  if (type === 'approval') return { ...common, type, message: 'Go on?', approvers: ['lead'] };
  if (type === 'wait') return { ...common, type, duration: 3000 };
  return { ...common, type: 'output', destination: name, parameters: {} };
}

export function simTask({ name, type = 'output', ...given }: TaskGiven): PlannedTask {
  const isOwn = type === 'workflow' || type === 'approval' || type === 'wait';
  return {
    name,
    type,
    pool: isOwn ? null : 'default',
    dependsOn: [],
    when: [],
    retry: {
      attempts: 2,
      delayMs: 2000,
      backoff: 'exponential',
      maxDelayMs: 10_000,
      jitter: 0.2,
      classes: ['transient', 'dependency', 'fatal'],
    },
    timeoutMs: null,
    fanOut: null,
    weight: { slots: 1, cpu: 0, memoryMiB: 0, io: 0 },
    fallback: null,
    onFailure: 'fail',
    spec: specOf(name, type),
    ...given,
  };
}

export const simPlan = (tasks: readonly PlannedTask[], timeoutMs: number | null = null): RunPlan => ({
  workflow: 'simulated',
  version: 1,
  sha256: '0'.repeat(64),
  tasks,
  continuous: false,
  timeoutMs,
  priority: 5,
});

export const childPlan = simPlan([simTask({ name: 'first' }), simTask({ name: 'second', dependsOn: ['first'] })]);

/** A plan of up to six tasks, each behind some of those before it. */
export function drawPlan(random: SeededRandom): RunPlan {
  const count = 1 + Math.floor(random.next() * names.length);
  const tasks = names.slice(0, count).map((name, at) =>
    simTask({
      name,
      type: random.pick(['output', 'output', 'output', 'output', 'workflow', 'approval', 'wait']),
      dependsOn: names.slice(0, at).filter(() => random.chance(0.4)),
      timeoutMs: random.chance(0.2) ? 12_000 : null,
      onFailure: random.pick(['fail', 'skip', 'continue']),
      fallback: random.chance(0.3) ? 'quarantine_data' : null,
    }),
  );
  const withParts = tasks.map((task): PlannedTask =>
    task.pool !== null && random.chance(0.3) ? { ...task, fanOut: { over: 'count', count: 3 } } : task,
  );
  return simPlan(withParts, random.chance(0.1) ? 90_000 : null);
}
