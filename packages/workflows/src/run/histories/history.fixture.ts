import type { RunPlan } from '../../plan/run-plan.ts';
import type { RunEffect } from '../run-effect.ts';
import type { RunInput, TimerKey } from '../run-input.ts';
import type { TaskError, TaskResult } from '../run-state.ts';

type WithoutTime<Input> = Input extends unknown ? Omit<Input, 'atMs'> : never;
/** An input, when it came in milliseconds after the first (a second after the one before it unless told), and the plan from here on. */
export type Given = WithoutTime<RunInput> & { readonly afterMs?: number; readonly plan?: RunPlan };

/** What happens to a run, and what the reducer is to do about it, written down by hand. */
export interface History {
  readonly shape: string;
  readonly text: string;
  readonly plan: RunPlan;
  /** Input and the effects in short; `-` and a reason = ignored. */
  readonly steps: readonly (readonly [Given, ...string[]])[];
  /** Status of the run and of every task at the end. */
  readonly ends: Readonly<Record<string, string>>;
}

/** "load/2@3": part 2, epoch 3; part 0 and epoch 1 where they are not named. */
function attemptOf(text: string): { readonly task: string; readonly part: number; readonly epoch: number } {
  const [place = '', epoch = '1'] = text.split('@');
  const [task = '', part = '0'] = place.split('/');
  return { task, part: Number(part), epoch: Number(epoch) };
}

const person = { by: 'ada', reason: 'asked' };

export const resultWith = (counts: Readonly<Record<string, number>>, values: Readonly<Record<string, unknown>> = {}): TaskResult => ({
  counts,
  values,
  ref: null,
});

const errorOf = (kind: TaskError['kind']): TaskError => ({ code: 'UNKNOWN', kind, detail: 'It failed.' });

export const requested = (parameters: Readonly<Record<string, unknown>> = {}): Given => ({
  kind: 'requested',
  runId: '00000000-0000-8000-8000-000000000001',
  batchId: '00000000-0000-8000-8000-000000000001',
  parameters,
});
export const started = (text: string, attempt = 1): Given => ({ kind: 'started', ...attemptOf(text), attempt, worker: 'batch-1' });
export const succeeded = (text: string, result = resultWith({})): Given => ({ kind: 'succeeded', ...attemptOf(text), result });
export const failed = (text: string, kind: TaskError['kind'] = 'transient'): Given => ({
  kind: 'failed',
  ...attemptOf(text),
  error: errorOf(kind),
});
export const stopped = (text: string): Given => ({ kind: 'stopped', ...attemptOf(text) });
export const lost = (text: string): Given => ({ kind: 'lost', ...attemptOf(text) });
export const fired = (kind: 'retry' | 'timeout', text: string, afterMs?: number): Given => ({
  kind: 'timer',
  timer: { kind, ...attemptOf(text) },
  ...(afterMs === undefined ? {} : { afterMs }),
});
export const firedOf = (timer: TimerKey, afterMs?: number): Given => ({
  kind: 'timer',
  timer,
  ...(afterMs === undefined ? {} : { afterMs }),
});
export const control = (kind: 'pause' | 'resume' | 'cancel'): Given => ({ kind, ...person });
export const decided = (kind: 'approved' | 'declined', task: string): Given => ({ kind, task, ...person });
export const rerun = (task: string): Given => ({ kind: 'rerun', task, ...person });
export const moved = (plan: RunPlan): Given => ({ kind: 'move', version: plan.version, plan, ...person });

export const startMs = Date.UTC(2026, 0, 5, 2);

/** The inputs with their times and plans. */
export function inputsOf({ plan, steps }: Pick<History, 'plan' | 'steps'>): { readonly plan: RunPlan; readonly input: RunInput }[] {
  let atMs = startMs - 1000;
  let present = plan;
  return steps.map(([{ afterMs, plan: next, ...input }]) => {
    atMs = afterMs === undefined ? atMs + 1000 : startMs + afterMs;
    present = next ?? present;
    return { plan: present, input: { atMs, ...input } };
  });
}

const timerText = (timer: TimerKey): string => {
  if (timer.kind === 'run') return 'run';
  return 'part' in timer ? `${timer.kind} ${timer.task}/${timer.part}@${timer.epoch}` : `${timer.kind} ${timer.task}`;
};

/** An effect in short; times in milliseconds after the first input. */
export function writeEffect(effect: RunEffect): string {
  switch (effect.kind) {
    case 'enqueue':
      return `enqueue ${effect.task}/${effect.part}@${effect.epoch}${effect.attempt > 1 ? ` attempt ${effect.attempt}` : ''}`;
    case 'withdraw':
      return `withdraw ${effect.task}/${effect.part}@${effect.epoch}`;
    case 'set-timer':
      return `set ${timerText(effect.timer)} +${effect.atMs - startMs}`;
    case 'clear-timer':
      return `clear ${timerText(effect.timer)}`;
    case 'start-run':
      return `start-run ${effect.task}/${effect.part} ${effect.workflow} ${JSON.stringify(effect.parameters)}`;
    case 'ask-approval':
    case 'withdraw-approval':
      return `${effect.kind} ${effect.task}`;
    case 'cancel-run':
      return 'cancel-run';
    case 'fall-back':
      return `fall-back ${effect.task} ${effect.action}`;
    case 'run-ended':
      return `run-ended ${effect.status} ${JSON.stringify(effect.result.counts)}`;
  }
}
