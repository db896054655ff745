import type { RunEvent } from '../generated/api-types.ts';

export type AttemptOutcome = 'running' | 'succeeded' | 'failed' | 'stopped' | 'lost' | 'timeout';

/** One try of a part of a task, from what its worker reported. */
export interface Attempt {
  readonly epoch: number;
  readonly attempt: number;
  readonly part: number;
  readonly worker: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: AttemptOutcome;
  /** Of the error catalogue. */
  readonly errorCode: string | null;
}

/** The share of an input that attempts are told by. */
interface AttemptInput {
  readonly task?: string;
  readonly part?: number;
  readonly epoch?: number;
  readonly attempt?: number;
  readonly worker?: string;
  readonly error?: { readonly code?: string };
  readonly timer?: { readonly kind: string; readonly task?: string; readonly part?: number; readonly epoch?: number };
}

const ends: readonly string[] = ['succeeded', 'failed', 'stopped', 'lost'];

const blank = { attempt: 0, worker: null, startedAt: null, endedAt: null, outcome: 'running', errorCode: null } as const;

function takeEvent(attempt: Attempt, { kind, at }: RunEvent, input: AttemptInput): Attempt {
  if (kind === 'started') return { ...attempt, attempt: input.attempt ?? attempt.attempt, worker: input.worker ?? null, startedAt: at };
  if (kind === 'timer') return attempt.endedAt === null ? { ...attempt, outcome: 'timeout' } : attempt;
  if (!ends.includes(kind)) return attempt;
  const outcome = attempt.outcome === 'timeout' && kind === 'stopped' ? 'timeout' : (kind as AttemptOutcome);
  return { ...attempt, endedAt: at, outcome, errorCode: input.error?.code ?? null };
}

/** Every try of a task's parts, latest first. @param events  of its run, oldest first */
export function listAttempts(events: readonly RunEvent[], task: string): Attempt[] {
  const attempts = new Map<string, Attempt>();
  for (const event of events) {
    const input = event.input as AttemptInput;
    if (event.ignored !== null || (event.kind === 'timer' && input.timer?.kind !== 'timeout')) continue;
    const about = event.kind === 'timer' ? input.timer : input;
    if (about?.task !== task || about.epoch === undefined) continue;
    const { part = 0, epoch } = about;
    const key = `${part}/${epoch}`;
    attempts.set(key, takeEvent(attempts.get(key) ?? { ...blank, part, epoch }, event, input));
  }
  return [...attempts.values()].filter(({ startedAt, endedAt }) => (startedAt ?? endedAt) !== null).reverse();
}
