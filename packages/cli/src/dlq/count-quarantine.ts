import { lookThrough, type LookOptions, type StateName } from './list-queues.ts';

export interface HourOfQuarantine {
  /** Its begin, RFC 3339. */
  readonly hour: string;
  readonly count: number;
  readonly codes: Readonly<Record<string, number>>;
}

export interface QuarantineStats {
  readonly count: number;
  readonly codes: Readonly<Record<string, number>>;
  /** By the stage of the pipeline that rejected. */
  readonly stages: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
  readonly attempts: Readonly<Record<string, number>>;
  /** `unknown` where the requests cannot be asked. */
  readonly states: Readonly<Partial<Record<StateName | 'unknown', number>>>;
  readonly oldestOpenAgeSeconds: number | null;
  /** Oldest first; hours without any are left out. */
  readonly hours: readonly HourOfQuarantine[];
}

const hourMs = 3_600_000;

const add = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** Counts of the matching records over all chosen queues. */
export async function countQuarantine(options: LookOptions): Promise<QuarantineStats> {
  const codes: Record<string, number> = {};
  const stages: Record<string, number> = {};
  const groups: Record<string, number> = {};
  const attempts: Record<string, number> = {};
  const states: Record<string, number> = {};
  const hours = new Map<number, Record<string, number>>();
  let total = 0;
  let oldestOpenMs = Number.POSITIVE_INFINITY;
  await lookThrough(options, ({ queue, entry, state }) => {
    const code = entry.code ?? 'UNKNOWN';
    total++;
    add(codes, code);
    add(stages, entry.stage ?? 'unknown');
    add(groups, queue.group);
    add(attempts, String(entry.attempt));
    add(states, state ?? 'unknown');
    if (state === 'open') oldestOpenMs = Math.min(oldestOpenMs, entry.timestamp);
    const hour = Math.floor(entry.timestamp / hourMs) * hourMs;
    const ofHour = hours.get(hour) ?? {};
    hours.set(hour, ofHour);
    add(ofHour, code);
  });
  return {
    count: total,
    codes,
    stages,
    groups,
    attempts,
    states,
    oldestOpenAgeSeconds: Number.isFinite(oldestOpenMs) ? Math.max(0, options.clock.now() - oldestOpenMs) / 1000 : null,
    hours: [...hours]
      .sort(([a], [b]) => a - b)
      .map(([ms, ofHour]) => ({
        hour: new Date(ms).toISOString(),
        count: Object.values(ofHour).reduce((sum, one) => sum + one, 0),
        codes: ofHour,
      })),
  };
}
