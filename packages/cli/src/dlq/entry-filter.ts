import { VigilError } from '@vigil/core';
import { moment } from '../options/moment.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { QuarantineEntry } from './quarantine-entry.ts';

/** Which quarantined records are meant; what is absent does not restrict. Times are those of the quarantine, in milliseconds. */
export interface EntryFilter {
  readonly codes?: readonly string[];
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly partition?: number;
  readonly firstOffset?: number;
  readonly lastOffset?: number;
}

/** The flags as they are typed. */
export interface FilterFlags {
  readonly code?: string;
  readonly since?: string;
  readonly until?: string;
  readonly partition?: string;
  readonly offsets?: string;
}

function parseOffsets(text: string): Pick<EntryFilter, 'firstOffset' | 'lastOffset'> {
  const [first = '', last = first, more] = text.split('-');
  const [firstOffset, lastOffset] = [wholeNumber('--offsets', first, 0), wholeNumber('--offsets', last, 0)];
  if (more !== undefined || lastOffset < firstOffset) throw new VigilError('BAD_USAGE', { detail: '--offsets takes 17 or 17-42.' });
  return { firstOffset, lastOffset };
}

/** @throws VigilError BAD_USAGE */
export function parseFilter({ code, since, until, partition, offsets }: FilterFlags, nowMs: number): EntryFilter {
  if (offsets !== undefined && partition === undefined)
    throw new VigilError('BAD_USAGE', { detail: '--offsets goes with --partition: offsets are counted per partition.' });
  return {
    ...(code !== undefined && { codes: code.split(',').map((one) => one.trim()) }),
    ...(since !== undefined && { sinceMs: moment('--since', since, nowMs) }),
    ...(until !== undefined && { untilMs: moment('--until', until, nowMs) }),
    ...(partition !== undefined && { partition: wholeNumber('--partition', partition, 0) }),
    ...(offsets !== undefined && parseOffsets(offsets)),
  };
}

/** Nothing is asked for: every record of the queue is meant. */
export const isUnrestricted = (filter: EntryFilter): boolean => Object.keys(filter).length === 0;

const unbounded = Number.POSITIVE_INFINITY;

export const matches = (
  { codes, sinceMs = -unbounded, untilMs = unbounded, partition, firstOffset = 0, lastOffset = unbounded }: EntryFilter,
  entry: QuarantineEntry,
): boolean =>
  (codes === undefined || codes.includes(entry.code ?? 'UNKNOWN')) &&
  entry.timestamp >= sinceMs &&
  entry.timestamp < untilMs &&
  (partition === undefined || entry.partition === partition) &&
  entry.offset >= firstOffset &&
  entry.offset <= lastOffset;
