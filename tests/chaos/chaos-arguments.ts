import { parseArgs } from 'node:util';

export const faultIds = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F9', 'F10', 'F11', 'F12', 'F13', 'F14'] as const;
export type FaultId = (typeof faultIds)[number];

export interface ChaosOptions {
  /** Faults in order; `mix` = two or three at once, again and again, by the seed. */
  readonly plan: readonly FaultId[] | 'mix';
  readonly minutes: number;
  readonly seed: number;
  readonly records: number;
  readonly rate: number;
  readonly rounds: number;
  readonly report: string | undefined;
}

export type ParsedArguments =
  | { readonly kind: 'options'; readonly options: ChaosOptions }
  | { readonly kind: 'told'; readonly code: 0 | 2; readonly text: string };

const usage = `Usage: npm run chaos -- --plan F1,F4,… | --mix --minutes N [options]

  --plan LIST    faults in order, of ${faultIds.join(', ')}; or all;
                 with F2, F3, F6, F7 or F9 among them, all run on three brokers
  --mix          two or three at once, chosen by the seed, until --minutes are over
  --minutes N    how long --mix goes on (10)
  --seed N       seed of the workload and of what --mix chooses (1)
  --records N    messages of each workload, from 500 to 5000000 (100000)
  --rate N       messages a second (1500)
  --rounds N     how often F1 goes round all services, F2 strikes two times more (3)
  --report FILE  write the figures as JSON

Example: npm run chaos -- --plan F1,F11 --seed 7 --report chaos.json`;

class UsageError extends Error {}

function wholeNumber(name: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} is ${text}; it must be a whole number from ${least} to ${most}.`);
}

const isFaultId = (id: string): id is FaultId => (faultIds as readonly string[]).includes(id);

function planOf(plan: string | undefined, mix: boolean): ChaosOptions['plan'] {
  if (mix === (plan !== undefined)) throw new UsageError('Give either --plan or --mix.');
  if (plan === undefined) return 'mix';
  if (plan === 'all') return faultIds;
  const ids = plan.split(',');
  const unknown = ids.filter((id) => !isFaultId(id));
  if (unknown.length > 0) throw new UsageError(`There is no fault ${unknown.join(', ')}; there are ${faultIds.join(', ')}.`);
  return ids.filter(isFaultId);
}

function optionsOf(args: readonly string[]): ChaosOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { plan: text, mix: flag, minutes: text, seed: text, records: text, rate: text, rounds: text, report: text, help: flag },
  });
  if (values.help) return undefined;
  return {
    plan: planOf(values.plan, values.mix),
    minutes: wholeNumber('minutes', values.minutes ?? '10', [1, 1_440]),
    seed: wholeNumber('seed', values.seed ?? '1', [0, 2 ** 32 - 1]),
    records: wholeNumber('records', values.records ?? '100000', [500, 5_000_000]),
    rate: wholeNumber('rate', values.rate ?? '1500', [10, 100_000]),
    rounds: wholeNumber('rounds', values.rounds ?? '3', [1, 100]),
    report: values.report,
  };
}

/** What a plan needs beside a fleet and its stack. */
export interface ChaosNeeds {
  /** Three brokers: one cannot show what its death or its loneliness does. */
  readonly cluster: boolean;
  /** Disks that can be filled: root on Linux. */
  readonly disks: boolean;
  /** Services whose clocks can be set. */
  readonly clocks: boolean;
}

const ofCluster: ReadonlySet<FaultId> = new Set(['F2', 'F3', 'F6', 'F7', 'F9']);

export function needsOf({ plan }: Pick<ChaosOptions, 'plan'>): ChaosNeeds {
  const ids = plan === 'mix' ? [] : plan;
  return { cluster: ids.some((id) => ofCluster.has(id)), disks: ids.includes('F9'), clocks: ids.includes('F13') };
}

/** What was asked for, or what to tell and the exit code with it. */
export function parseChaosArguments(args: readonly string[]): ParsedArguments {
  try {
    const options = optionsOf(args);
    return options === undefined ? { kind: 'told', code: 0, text: usage } : { kind: 'options', options };
  } catch (error) {
    return { kind: 'told', code: 2, text: `${(error as Error).message}\n${usage}` };
  }
}
