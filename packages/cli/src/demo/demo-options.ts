import { VigilError } from '@vigil/core';

export interface DemoOptions {
  /** How long the live ward runs. */
  readonly seconds: number;
  /** Messages a second: one monitor sends one a second. */
  readonly rate: number;
  readonly report: string | undefined;
  /** Leave the fleet running at the end. */
  readonly keep: boolean;
  /** Folder of PhysioNet 2019 stays whose values the monitors show. */
  readonly physionet2019: string | undefined;
  readonly seed: number;
}

const leastPatients = 8;
const sourcePrefix = 'physionet2019:';

const wholeNumber = (flag: string, text: string, least: number, most: number): number => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new VigilError('BAD_USAGE', { detail: `${flag} takes a whole number from ${least} to ${most}.` });
};

/** The flags of `vigil demo` as commander gives them. */
export interface DemoFlags {
  readonly seconds: string;
  readonly rate: string;
  readonly seed: string;
  readonly report?: string;
  readonly keep?: boolean;
  readonly source?: string;
}

/** @throws VigilError BAD_USAGE that names the flag and what it takes */
export function parseDemoOptions({ seconds, rate, seed, report, keep, source }: DemoFlags): DemoOptions {
  if (source !== undefined && (!source.startsWith(sourcePrefix) || source.length === sourcePrefix.length)) {
    throw new VigilError('BAD_USAGE', { detail: `--source takes ${sourcePrefix}DIR.` });
  }
  return {
    seconds: wholeNumber('--seconds', seconds, 10, 3600),
    rate: wholeNumber('--rate', rate, leastPatients, 20_000),
    seed: wholeNumber('--seed', seed, 0, 4_294_967_295),
    report,
    keep: keep === true,
    physionet2019: source?.slice(sourcePrefix.length),
  };
}
