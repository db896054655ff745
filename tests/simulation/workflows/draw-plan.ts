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

export const simPlan = (tasks: readonly PlannedTask[], given: Partial<Omit<RunPlan, 'tasks'>> = {}): RunPlan => ({
  workflow: 'simulated',
  version: 1,
  sha256: '0'.repeat(64),
  tasks,
  continuous: false,
  timeoutMs: null,
  priority: 5,
  ...given,
});

export const childPlan = simPlan([simTask({ name: 'first' }), simTask({ name: 'second', dependsOn: ['first'] })]);

const behindSome = (random: SeededRandom, before: readonly string[]): string[] => before.filter(() => random.chance(0.4));

/** Stages of a stream: each begins when those before it are up, and none ends by itself. */
function drawStages(random: SeededRandom, count: number): RunPlan {
  const stages = names.slice(0, count).map((name, at) =>
    simTask({
      name,
      dependsOn: behindSome(random, names.slice(0, at)),
      onFailure: random.pick(['fail', 'skip', 'continue']),
      fanOut: random.chance(0.2) ? { over: 'count', count: 2 } : null,
    }),
  );
  return simPlan(stages, { continuous: true });
}

/** A plan of up to six tasks, each behind some of those before it; one of eight is continuous. */
export function drawPlan(random: SeededRandom): RunPlan {
  const count = 1 + Math.floor(random.next() * names.length);
  if (random.chance(0.125)) return drawStages(random, count);
  const tasks = names.slice(0, count).map((name, at) =>
    simTask({
      name,
      type: random.pick(['output', 'output', 'output', 'output', 'workflow', 'approval', 'wait']),
      dependsOn: behindSome(random, names.slice(0, at)),
      timeoutMs: random.chance(0.2) ? 12_000 : null,
      onFailure: random.pick(['fail', 'skip', 'continue']),
      fallback: random.chance(0.3) ? 'quarantine_data' : null,
    }),
  );
  const withParts = tasks.map((task): PlannedTask =>
    task.pool !== null && random.chance(0.3) ? { ...task, fanOut: { over: 'count', count: 3 } } : task,
  );
  return simPlan(withParts, { timeoutMs: random.chance(0.1) ? 90_000 : null });
}

/** The same task, doing something else than before. */
export const changedTask = (task: PlannedTask, version: number): PlannedTask => ({
  ...task,
  spec: { ...task.spec, description: `mended in ${version}`, ...workChanged(task.spec, version) },
});

function workChanged(spec: PlannedTask['spec'], version: number): Readonly<Record<string, unknown>> {
  if (spec.type === 'approval') return { message: `Go on with version ${version}?` };
  if (spec.type === 'wait') return { duration: 3000 + version };
  return { parameters: { version } };
}

/** The next version of a plan: some tasks do something else, one may be gone, one may be new. */
export function mendPlan(random: SeededRandom, plan: RunPlan): RunPlan {
  const version = plan.version + 1;
  const last = plan.tasks.at(-1)?.name;
  const left = plan.tasks.length > 1 && random.chance(0.2) ? plan.tasks.filter(({ name }) => name !== last) : plan.tasks;
  const tasks = left.map((task) => (random.chance(0.3) ? changedTask(task, version) : task));
  const before = left.map(({ name }) => name);
  const fresh = random.chance(0.3) ? [simTask({ name: `new_${version}`, dependsOn: behindSome(random, before) })] : [];
  return { ...plan, version, tasks: [...tasks, ...fresh] };
}
