import { explainClaim, type ExportedClaim } from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import type { CallVigil } from './call-vigil.ts';
import type { SentInbox } from './play-claims.ts';

/** What the demo's report says of claims; submitted = the other counts added up. */
export interface ClaimCounts {
  readonly submitted: number;
  readonly paid: number;
  readonly denied: number;
  readonly pended: number;
  readonly reversed: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Every line of every decision, and every payment. */
  readonly balanced: boolean;
}

interface CycleDocument {
  readonly balanced: boolean;
  readonly remittances: readonly {
    readonly payerId: string;
    readonly traceNumber: string;
    readonly claims: number;
    readonly paidCents: number;
  }[];
}

interface LedgerRows {
  readonly stages: readonly {
    readonly stage: string;
    readonly topic: string;
    readonly duplicate: number;
    readonly rejected: number;
  }[];
}

export interface ClaimsEvidence {
  readonly counts: ClaimCounts;
  /** Denied and reduced cents by group and CARC. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Denials by the reason of their first line. */
  readonly denials: Readonly<Record<string, number>>;
  readonly pendReasons: Readonly<Record<string, number>>;
  readonly explanation: string;
  readonly cycle: CycleDocument;
}

const count = (counts: Record<string, number>, name: string, by = 1): void => void (counts[name] = (counts[name] ?? 0) + by);

function isBalanced({ lines, chargeCents, paidCents }: ExportedClaim): boolean {
  const sum = (of: (line: ExportedClaim['lines'][number]) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const adjusted = (line: ExportedClaim['lines'][number]): number => line.adjustments.reduce((total, { cents }) => total + cents, 0);
  return (
    lines.every((line) => line.paidCents + adjusted(line) === line.chargeCents) &&
    sum((line) => line.chargeCents) === chargeCents &&
    sum((line) => line.paidCents) === paidCents
  );
}

/** A denied claim has a line whose adjustments are its whole charge. */
const denialOf = ({ lines }: ExportedClaim): string => {
  const [adjustment] = lines[0]?.adjustments ?? [];
  return adjustment ? `${adjustment.group}-${adjustment.carc}` : 'no line';
};

function reasonsOf(claims: readonly ExportedClaim[]) {
  const [reasons, denials, pendReasons]: [Record<string, number>, Record<string, number>, Record<string, number>] = [{}, {}, {}];
  for (const claim of claims) {
    if (claim.outcome === 'denied') count(denials, denialOf(claim));
    for (const { code } of claim.pendReasons) count(pendReasons, code);
    for (const { adjustments } of claim.lines) for (const { group, carc, cents } of adjustments) count(reasons, `${group}-${carc}`, cents);
  }
  return { reasons, denials, pendReasons };
}

async function explain(claimId: string, call: CallVigil): Promise<string> {
  const { decisions } = await call<{ readonly decisions: readonly ClaimAdjudicated[] }>(['claims', 'explain', claimId]);
  return explainClaim(decisions);
}

/** What became of the claims of an inbox, from the fleet's own answers. */
export async function claimsEvidence(
  { batchIds, claims: submitted, rejected }: SentInbox,
  { call, cycle }: { readonly call: CallVigil; readonly cycle: string },
): Promise<ClaimsEvidence> {
  const claims: ExportedClaim[] = [];
  const stages: LedgerRows['stages'][number][] = [];
  for (const batchId of batchIds) {
    const exported = ['claims', 'export', '--format', 'json', '--batch', batchId];
    claims.push(...(await call<{ readonly claims: readonly ExportedClaim[] }>(exported)).claims);
    stages.push(...(await call<LedgerRows>(['ledger', '--batch', batchId])).stages);
  }
  const intake = stages.filter(({ stage }) => stage === 'claims-validator-intake');
  const remitted = await call<CycleDocument>(['claims', 'export', '--format', '835', '--cycle', cycle]);
  const of = (outcome: string): number => claims.filter((claim) => claim.outcome === outcome).length;
  const explained = claims.find(({ outcome, lines }) => outcome === 'paid' && lines.length > 1) ?? claims[0];
  return {
    counts: {
      submitted,
      paid: of('paid'),
      denied: of('denied'),
      pended: of('pended'),
      reversed: of('reversed'),
      duplicates: intake.reduce((sum, { duplicate }) => sum + duplicate, 0),
      quarantined: rejected + intake.reduce((sum, row) => sum + row.rejected, 0),
      balanced: remitted.balanced && claims.every(isBalanced),
    },
    ...reasonsOf(claims),
    explanation: explained ? await explain(explained.claimId, call) : 'no claim was decided',
    cycle: remitted,
  };
}

/** Why the claims of a run are no success. */
export function claimFailuresOf({ counts }: ClaimsEvidence): string[] {
  const { submitted, balanced, ...ends } = counts;
  const ended = Object.values(ends).reduce((sum, each) => sum + each, 0);
  return [
    ...(ended === submitted ? [] : [`${submitted} claims were submitted and ${ended} came to an end`]),
    ...(balanced ? [] : ['decisions about claims do not balance']),
    ...(counts.paid === 0 ? ['no claim was paid'] : []),
  ];
}
