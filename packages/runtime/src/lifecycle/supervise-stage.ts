import { VigilError } from '@vigil/core';
import type { Stage, StageHealth } from '@vigil/kafka';
import type { Health, PartHealth } from '../http/create-health.ts';
import { bindEvents, type EventSinks } from '../telemetry/bind-events.ts';
import { metricsOf } from '../telemetry/define-events.ts';
import { engineEvents } from '../telemetry/engine-events.ts';
import type { OnClose } from './create-closers.ts';

/** A read loop that has not turned for this long is stuck: only a restart helps. */
const stuckAfterMs = 60_000;

/** What `/health` says of a stage: ready = in the group, every assigned task restored, nothing it needs is away. */
export function partHealthOf({ state, assigned, openTasks, idleMs = 0 }: StageHealth): PartHealth {
  if (state === 'failed' || state === 'stopped') return { live: false, ready: false, reason: state };
  // A restore may take minutes and is no reason for a restart, which would only begin it anew.
  if (openTasks < assigned.length) return { live: true, ready: false, reason: state === 'running' ? 'restoring' : state };
  if (idleMs > stuckAfterMs) return { live: false, ready: false, reason: 'stuck' };
  return state === 'running' ? { live: true, ready: true } : { live: true, ready: false, reason: state };
}

export interface Supervision {
  readonly health: Health;
  readonly onClose: OnClose;
  readonly fail: (error: unknown) => void;
  /** Awaited before the service ends because of a stage. */
  readonly onStageFailed?: (stage: string, error: unknown) => Promise<void>;
  readonly sinks: EventSinks;
  /** Most time that draining may take. */
  readonly drainMs: number;
}

/** Lag and tasks of all stages, read off them when somebody asks for metrics; partitions that were given away are forgotten. */
function exposeStages(stages: ReadonlyMap<string, Stage>, sinks: EventSinks): void {
  const emit = bindEvents(engineEvents, sinks);
  const perPartition = metricsOf(engineEvents.declared.partitionLag).map((metric) => sinks.metrics.gauge(metric));
  sinks.metrics.beforeExpose(() => {
    for (const gauge of perPartition) gauge.reset();
    for (const [stage, running] of stages) {
      const { openTasks, assigned, partitions } = running.health();
      emit.stageState({ stage, openTasks, assignedTasks: assigned.length });
      for (const { topic, partition, lagRecords, lagSeconds } of partitions) {
        emit.partitionLag({ stage, topic, partition, lagRecords, lagMs: lagSeconds * 1000 });
      }
    }
  });
}

/**
 * Drains all stages of the process at once, as soon as one is to be: two stages that each take their time must not add up to
 * more than the shutdown has. Each answers for itself.
 */
function drainTogether(stages: ReadonlyMap<string, Stage>, drainMs: number): (name: string) => Promise<boolean> {
  const drains = new Map<string, Promise<boolean>>();
  return (name) => {
    for (const [each, stage] of stages) if (!drains.has(each)) drains.set(each, stage.drain({ withinMs: drainMs }));
    return drains.get(name) as Promise<boolean>;
  };
}

/** Ties running stages, one or several, to the life of their process. */
export function createSupervision({
  health,
  onClose,
  fail,
  onStageFailed,
  sinks,
  drainMs,
}: Supervision): (name: string, stage: Stage) => void {
  const stages = new Map<string, Stage>();
  const drain = drainTogether(stages, drainMs);
  exposeStages(stages, sinks);
  return (name, stage) => {
    stages.set(name, stage);
    onClose(name, async () => {
      if (!(await drain(name))) throw new VigilError('TIMED_OUT', { detail: `Draining ${name}.` });
    });
    health.watch(name, () => partHealthOf(stage.health()));
    stage.finished.catch((error: unknown) => {
      if (onStageFailed) void onStageFailed(name, error).finally(() => fail(error));
      else fail(error);
    });
  };
}
