import type { RunEffect, RunInput, Step } from '@vigil/workflows';

/** Told of each happening of a play: when by the scheduler's clock, which process, what. */
export type RunTrace = (atMs: number, process: string, happening: string) => void;

type Timer = Extract<RunInput, { readonly kind: 'timer' }>['timer'];

const attempt = ({ task, part, epoch }: { readonly task: string; readonly part: number; readonly epoch: number }): string =>
  `${task}/${part}@${epoch}`;

function timerText(timer: Timer): string {
  if (timer.kind === 'run') return 'run';
  return 'part' in timer ? `${timer.kind} ${attempt(timer)}` : `${timer.kind} ${timer.task}`;
}

function inputText(input: RunInput): string {
  if (input.kind === 'timer') return `timer ${timerText(input.timer)}`;
  if (input.kind === 'move') return `move to version ${input.version}`;
  if (input.kind === 'child-ended') return `child of ${input.task}/${input.part} ${input.status}`;
  if (input.kind === 'started') return `started ${attempt(input)} by ${input.worker}`;
  if ('epoch' in input) return `${input.kind} ${attempt(input)}`;
  return 'task' in input ? `${input.kind} ${input.task}` : input.kind;
}

function effectText(effect: RunEffect): string {
  switch (effect.kind) {
    case 'enqueue':
    case 'withdraw':
      return `${effect.kind} ${attempt(effect)}`;
    case 'set-timer':
      return `set ${timerText(effect.timer)} for ${Math.round(effect.atMs)}`;
    case 'clear-timer':
      return `clear ${timerText(effect.timer)}`;
    case 'start-run':
      return `start ${effect.childRunId}`;
    case 'cancel-run':
      return `cancel ${effect.childRunId}`;
    case 'ask-approval':
    case 'withdraw-approval':
    case 'fall-back':
      return `${effect.kind} ${effect.task}`;
    case 'run-ended':
      return `ended: ${effect.status}`;
  }
}

/** A step of a run in one line: the input, and what the reducer made of it. */
export function describeStep(runId: string, input: RunInput, { effects, ignored }: Step): string {
  const come = ignored === null ? effects.map(effectText).join(', ') : `ignored, ${ignored}`;
  return `${runId}: ${inputText(input)}${come === '' ? '' : ` → ${come}`}`;
}
