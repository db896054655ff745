import { schedulesOf, type TaskDefinition, type WorkflowDefinition } from '@vigil/definitions';
import { orderTasks } from './order-tasks.ts';
import { poolOfTask } from './pool-of-task.ts';
import type { FanOut, PlannedTask, RetryPolicy, RunPlan, TaskWeight } from './run-plan.ts';

export interface DeployedVersion {
  /** From 1, by workflow. */
  readonly version: number;
  /** Of the definition's canonical text. */
  readonly sha256: string;
}

const hourMs = 3_600_000;

type ErrorHandling = WorkflowDefinition['error_handling'];

/** An unknown failure is tried again, too: most of them pass. What needs a person or is bad data is not. */
const retriedByDefault: RetryPolicy['classes'] = ['transient', 'dependency', 'fenced', 'fatal'];

function retryOf(task: TaskDefinition, { retry_attempts, retry_delay }: ErrorHandling): RetryPolicy {
  const { retry = {} } = task.type === 'approval' || task.type === 'wait' ? { retry: { attempts: 0 } } : task;
  const delayMs = retry.delay ?? retry_delay;
  return {
    attempts: retry.attempts ?? retry_attempts,
    delayMs,
    backoff: retry.backoff ?? 'fixed',
    maxDelayMs: retry.max_delay ?? Math.max(hourMs, delayMs),
    jitter: retry.jitter ?? 0,
    classes: retry.on ?? retriedByDefault,
  };
}

function fanOutOf(task: TaskDefinition): FanOut | null {
  if (!('fan_out' in task) || task.fan_out === undefined) return null;
  const { partitions, values, from } = task.fan_out;
  if (partitions !== undefined) return { over: 'count', count: partitions };
  if (values !== undefined) return { over: 'values', values };
  // The schema leaves exactly one of the three, and this one with a task and a field.
  const [source, field] = (from as string).split('.') as [string, string];
  return { over: 'result', task: source, field };
}

function weightOf(task: TaskDefinition): TaskWeight {
  const { slots, cpu, memory, io } = ('weight' in task ? task.weight : undefined) ?? { slots: 1, cpu: 0, memory: 0, io: 0 };
  return { slots, cpu, memoryMiB: memory, io };
}

function planTask(task: TaskDefinition, defaults: ErrorHandling): PlannedTask {
  const pool = poolOfTask(task);
  const ownFallback = 'fallback_action' in task ? task.fallback_action : undefined;
  return {
    name: task.name,
    type: task.type,
    pool,
    dependsOn: [...new Set(task.depends_on)],
    when: task.when ?? [],
    retry: retryOf(task, defaults),
    timeoutMs: task.timeout ?? null,
    fanOut: fanOutOf(task),
    weight: weightOf(task),
    fallback: pool === null ? null : (ownFallback ?? defaults.fallback_action ?? null),
    onFailure: task.on_failure ?? defaults.on_failure ?? 'fail',
    spec: task,
  };
}

/** A definition that passed its schema as the reducer runs it, every default filled in. */
export function compilePlan(definition: WorkflowDefinition, { version, sha256 }: DeployedVersion): RunPlan {
  return {
    workflow: definition.name,
    version,
    sha256,
    tasks: orderTasks(definition.tasks).map((task) => planTask(task, definition.error_handling)),
    continuous: schedulesOf(definition).some(({ type }) => type === 'continuous'),
    timeoutMs: definition.timeout ?? null,
    priority: definition.priority,
    ...(definition.dependencies.length > 0 && { needs: [...new Set(definition.dependencies)] }),
  };
}
