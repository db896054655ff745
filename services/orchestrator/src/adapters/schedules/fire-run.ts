import { hashId, toUuid } from '@vigil/core';
import type { FireDecision } from '@vigil/workflows';
import type { NewRun, RunTrigger, StepInput } from '../../domain/runs/run-store.ts';

export interface FireCause {
  readonly scheduleId: string;
  readonly workflow: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly trigger: RunTrigger;
  /** Names what fired, within the schedule. */
  readonly cause: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** The time that the run is about; null where it is about none. */
  readonly scheduledForMs: number | null;
}

/** The same cause gives the same run, whoever computes it. */
export const runIdOf = ({ scheduleId, cause }: Pick<FireCause, 'scheduleId' | 'cause'>): string =>
  toUuid(hashId('fire', scheduleId, cause));

/** The run that a decision starts or queues; null where it skips. */
export function runOf(cause: FireCause, { decision }: Pick<FireDecision, 'decision'>): NewRun | null {
  if (decision !== 'started' && decision !== 'queued') return null;
  const { scheduleId, workflow, parameters, trigger, detail, scheduledForMs } = cause;
  return {
    runId: runIdOf(cause),
    workflow,
    version: null,
    parameters,
    trigger,
    triggerDetail: detail,
    scheduleId,
    scheduledForMs,
    idempotencyKey: `fire:${scheduleId}:${cause.cause}`,
    requestedBy: `schedule ${scheduleId}`,
    begins: decision === 'queued' ? 'waiting' : 'at-once',
  };
}

/** Ends the runs that a new one replaces. */
export const cancelsOf = (scheduleId: string, runIds: readonly string[]): StepInput[] =>
  runIds.map((runId) => ({
    runId,
    messageId: null,
    input: { kind: 'cancel', by: `schedule ${scheduleId}`, reason: 'The next run of its schedule is due (overlap cancel).' },
  }));
