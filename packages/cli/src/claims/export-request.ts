import { VigilError } from '@vigil/core';
import { operatorOf, revealReasonOf } from '../dlq/operator.ts';
import { moment } from '../options/moment.ts';
import type { DecisionFilter } from './read-decisions.ts';

/** What was typed. */
export interface ExportFlags {
  readonly format: string;
  readonly since?: string;
  readonly until?: string;
  readonly payer?: string;
  readonly claim?: string;
  readonly batch?: string;
  readonly cycle?: string;
  readonly payers?: string;
  readonly test?: boolean;
  readonly bundle?: boolean;
  readonly out?: string;
  readonly reveal?: boolean;
  readonly reason?: string;
  readonly as?: string;
}

/** Who may see names, and why; null = tokens. */
export interface Reveal {
  readonly reason: string;
  readonly by: string;
}

interface Export {
  readonly reveal: Reveal | null;
  /** null = standard output. */
  readonly out: string | null;
}

/** What is asked for. */
export type ExportRequest =
  | ({ readonly format: 'json'; readonly filter: DecisionFilter } & Export)
  | ({ readonly format: 'fhir'; readonly filter: DecisionFilter; readonly shape: 'bundle' | 'lines' } & Export)
  | ({
      readonly format: '835';
      readonly cycle: string;
      readonly payerId: string | undefined;
      readonly payersFile: string | undefined;
      readonly usage: 'production' | 'test';
    } & Export);

/** Which flags belong to which format. */
const ofFormat: Readonly<Record<string, readonly (keyof ExportFlags)[]>> = {
  json: ['since', 'until', 'claim', 'batch'],
  fhir: ['since', 'until', 'claim', 'batch', 'bundle', 'reveal'],
  '835': ['cycle', 'payers', 'test', 'reveal'],
};

function refuseStrayFlags({ format, ...flags }: ExportFlags): void {
  const own = ofFormat[format];
  if (!own) throw new VigilError('BAD_USAGE', { detail: '--format takes json, 835 or fhir.' });
  const stray = Object.values(ofFormat)
    .flat()
    .find((flag) => flags[flag as keyof typeof flags] !== undefined && !own.includes(flag));
  if (stray) throw new VigilError('BAD_USAGE', { detail: `--${stray} does not go with --format ${format}.` });
}

function filterOf({ since, until, payer, claim, batch }: ExportFlags, nowMs: number): DecisionFilter {
  return {
    ...(since !== undefined && { sinceMs: moment('--since', since, nowMs) }),
    ...(until !== undefined && { untilMs: moment('--until', until, nowMs) }),
    ...(payer !== undefined && { payerId: payer }),
    ...(claim !== undefined && { claimId: claim }),
    ...(batch !== undefined && { batchId: batch }),
  };
}

/** @throws VigilError BAD_USAGE */
export function parseExport(flags: ExportFlags, nowMs: number): ExportRequest {
  refuseStrayFlags(flags);
  const reason = revealReasonOf(flags);
  const shared = { reveal: reason === null ? null : { reason, by: operatorOf(flags.as) }, out: flags.out ?? null };
  if (flags.format === 'json') return { format: 'json', filter: filterOf(flags, nowMs), ...shared };
  if (flags.format === 'fhir') {
    return { format: 'fhir', filter: filterOf(flags, nowMs), shape: flags.bundle === true ? 'bundle' : 'lines', ...shared };
  }
  return {
    format: '835',
    cycle: flags.cycle ?? new Date(nowMs).toISOString().slice(0, 10),
    payerId: flags.payer,
    payersFile: flags.payers,
    usage: flags.test === true ? 'test' : 'production',
    ...shared,
  };
}
