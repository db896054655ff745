import type { RunEffect, TimerKey } from '@vigil/workflows';
import { timerNameOf } from './timer-name.ts';

type Of<Kind extends RunEffect['kind']> = Extract<RunEffect, { kind: Kind }>;

/** Effects of several steps of one run by what is to be done; of what was decided and taken back nothing is left. */
export interface SortedEffects {
  /** By `task/part`: the last one. */
  readonly enqueued: ReadonlyMap<string, Of<'enqueue'>>;
  /** Attempts that were queued before these steps. */
  readonly withdrawn: readonly Of<'withdraw'>[];
  /** Attempts that were queued in these steps and are not wanted any more. */
  readonly unasked: readonly Of<'withdraw'>[];
  /** By name; null = cleared. */
  readonly timers: ReadonlyMap<string, { readonly timer: TimerKey; readonly atMs: number } | null>;
  /** By task: the last one. */
  readonly approvals: ReadonlyMap<string, Of<'ask-approval'> | Of<'withdraw-approval'>>;
  readonly started: readonly Of<'start-run'>[];
  readonly cancelled: readonly Of<'cancel-run'>[];
  readonly fallen: readonly Of<'fall-back'>[];
  readonly ended: Of<'run-ended'> | null;
}

export const partKeyOf = ({ task, part }: { readonly task: string; readonly part: number }): string => `${task}/${part}`;

export function sortEffects(effects: readonly RunEffect[]): SortedEffects {
  const enqueued = new Map<string, Of<'enqueue'>>();
  const timers = new Map<string, { timer: TimerKey; atMs: number } | null>();
  const approvals = new Map<string, Of<'ask-approval'> | Of<'withdraw-approval'>>();
  const withdrawn: Of<'withdraw'>[] = [];
  const unasked: Of<'withdraw'>[] = [];
  const rest: RunEffect[] = [];
  for (const effect of effects) {
    switch (effect.kind) {
      case 'enqueue':
        enqueued.set(partKeyOf(effect), effect);
        break;
      case 'withdraw':
        if (enqueued.get(partKeyOf(effect))?.epoch !== effect.epoch) withdrawn.push(effect);
        else {
          enqueued.delete(partKeyOf(effect));
          unasked.push(effect);
        }
        break;
      case 'set-timer':
        timers.set(timerNameOf(effect.timer), { timer: effect.timer, atMs: effect.atMs });
        break;
      case 'clear-timer':
        timers.set(timerNameOf(effect.timer), null);
        break;
      case 'ask-approval':
      case 'withdraw-approval':
        approvals.set(effect.task, effect);
        break;
      default:
        rest.push(effect);
    }
  }
  const pick = <Kind extends RunEffect['kind']>(kind: Kind) => rest.filter((effect): effect is Of<Kind> => effect.kind === kind);
  return {
    enqueued,
    withdrawn,
    unasked,
    timers,
    approvals,
    started: pick('start-run'),
    cancelled: pick('cancel-run'),
    fallen: pick('fall-back'),
    ended: pick('run-ended').at(-1) ?? null,
  };
}
