import { VigilError } from '@vigil/core';
import { operatorOf, revealReasonOf } from '../dlq/operator.ts';
import { moment } from '../options/moment.ts';
import type { ClaimsAccess } from './audit-claims.ts';
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

interface Export {
  /** Who exports and what, as it is recorded. */
  readonly access: ClaimsAccess;
  readonly patients: 'tokens' | 'names';
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

const filters = ['since', 'until', 'payer', 'claim', 'batch', 'cycle'] as const;

/** What is recorded of an export: its format and by what it is narrowed, not to what; with names the reason that was given. */
function accessOf(flags: ExportFlags, reason: string | null): ClaimsAccess {
  const used = filters.filter((name) => flags[name] !== undefined);
  const what = [flags.format, ...(reason === null ? [] : ['with names']), ...(used.length > 0 ? [`by ${used.join(', ')}`] : [])].join(' ');
  return { by: operatorOf(flags.as), reason: reason === null ? what : `${reason} (${what})` };
}

/** @throws VigilError BAD_USAGE */
export function parseExport(flags: ExportFlags, nowMs: number): ExportRequest {
  refuseStrayFlags(flags);
  const reason = revealReasonOf(flags);
  const patients = reason === null ? 'tokens' : 'names';
  const shared = { access: accessOf(flags, reason), patients, out: flags.out ?? null } as const;
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
