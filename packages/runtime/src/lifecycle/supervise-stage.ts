import type { Clock } from '@vigil/core';
import type { Stage, StageHealth } from '@vigil/kafka';
import type { Health, PartHealth } from '../http/create-health.ts';
import { bindEvents, type EventSinks } from '../telemetry/bind-events.ts';
import { engineEvents } from '../telemetry/engine-events.ts';
import type { OnClose } from './create-closers.ts';

/** A read loop that has not turned for this long is stuck: only a restart helps. */
const stuckAfterMs = 60_000;

/** What `/health` says of a stage: ready = in the group, every assigned task restored, nothing it needs is away. */
export function partHealthOf({ state, assigned, openTasks, progressedAtMs }: StageHealth, nowMs: number): PartHealth {
  if (state === 'failed' || state === 'stopped') return { live: false, ready: false, reason: state };
  if (progressedAtMs !== undefined && nowMs - progressedAtMs > stuckAfterMs) return { live: false, ready: false, reason: 'stuck' };
  if (state !== 'running') return { live: true, ready: false, reason: state };
  return openTasks < assigned.length ? { live: true, ready: false, reason: 'restoring' } : { live: true, ready: true };
}

export interface Supervision {
  readonly clock: Clock;
  readonly health: Health;
  readonly onClose: OnClose;
  readonly fail: (error: unknown) => void;
  readonly sinks: EventSinks;
  /** Most time that draining may take. */
  readonly drainMs: number;
}

function exposeLag(name: string, stage: Stage, sinks: EventSinks): void {
  const { stageState, partitionLag } = bindEvents(engineEvents, sinks);
  sinks.metrics.beforeExpose(() => {
    const { openTasks, assigned, partitions } = stage.health();
    stageState({ stage: name, openTasks, assignedTasks: assigned.length });
    for (const { topic, partition, lagRecords, lagSeconds } of partitions) {
      partitionLag({ stage: name, topic, partition, lagRecords, lagMs: lagSeconds * 1000 });
    }
  });
}

/** Ties a running stage to the life of its process. */
export function superviseStage(name: string, stage: Stage, { clock, health, onClose, fail, sinks, drainMs }: Supervision): void {
  onClose(name, async () => {
    await stage.drain({ withinMs: drainMs });
  });
  health.watch(name, () => partHealthOf(stage.health(), clock.now()));
  exposeLag(name, stage, sinks);
  stage.finished.catch(fail);
}
