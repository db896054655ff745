import type { ClaimLine, ClaimSubmitted } from '@vigil/contracts';
import { adjudicateClaim } from '../../src/domain/adjudicate-claim.ts';
import type { Adjudication } from '../../src/domain/adjudication.ts';
import type { AdjudicationSettings } from '../../src/domain/adjudication-settings.ts';
import { writeMoney } from '../../src/domain/explain-decision.ts';
import { aClaim, aWorld, theSettings, type SceneChanges } from '../claim-scene.ts';

/**
 * One claim of the golden set. It names the rule that it is about; `holds` = the rule decides something of it, else it is the
 * boundary on the other side of which the rule begins. `expected` was worked out by hand: `charge = paid + adjustments` a line.
 */
export interface GoldenClaim {
  readonly rule: string;
  readonly holds: boolean;
  readonly name: string;
  readonly claim?: Partial<ClaimSubmitted>;
  readonly lines?: readonly Partial<ClaimLine>[];
  readonly scene?: SceneChanges;
  readonly settings?: Partial<AdjudicationSettings>;
  readonly expected: string;
  /** Accumulators after the claim, by `owner|plan|year|network|pot`, where the claim is about them. */
  readonly amounts?: Readonly<Record<string, number>>;
}

type Case = Omit<GoldenClaim, 'rule' | 'holds' | 'name' | 'expected'>;

/** The rule decides something of the claim. */
export const hit = (rule: string, name: string, expected: string, of: Case = {}): GoldenClaim => ({
  rule,
  holds: true,
  name,
  expected,
  ...of,
});
/** The rule just does not. */
export const miss = (rule: string, name: string, expected: string, of: Case = {}): GoldenClaim => ({
  rule,
  holds: false,
  name,
  expected,
  ...of,
});

export function adjudicateGolden({ claim, lines, scene, settings }: GoldenClaim) {
  const world = aWorld(scene);
  const adjudication = adjudicateClaim(aClaim(claim, lines), world, theSettings(settings));
  return { adjudication, world };
}

function writeLine({ chargeCents, paidCents, denied, adjustments, rarc }: Adjudication['lines'][number]): string {
  const parts = adjustments.map(({ group, carc, cents }) => (denied ? `${group}-${carc}` : `${group}-${carc} ${writeMoney(cents)}`));
  const remarks = rarc.length === 0 ? '' : ` (${rarc.join(' ')})`;
  return `${writeMoney(chargeCents)} = ${denied ? 'denied ' : [writeMoney(paidCents), ...parts].join(' + ')}${denied ? parts.join(' ') : ''}${remarks}`;
}

/** An adjudication in the form of `expected`; a paid claim ends in `adjudicate`, which is not written. */
export function writeAdjudication({ outcome, endedIn, lines, pendReasons }: Adjudication): string {
  if (outcome === 'pended')
    return `pended in ${endedIn}: ${pendReasons.map(({ code, line }) => (line === 0 ? code : `${code} ${line}`)).join(', ')}`;
  return `${outcome === 'paid' ? 'paid' : `denied in ${endedIn}`}: ${lines.map(writeLine).join(' | ')}`;
}

/** Codes of all rules that decided something. */
export const rulesOf = ({ claimReasons, pendReasons, lines }: Adjudication): ReadonlySet<string> =>
  new Set([
    ...claimReasons.map(({ rule }) => rule),
    ...pendReasons.map(({ code }) => code),
    ...lines.flatMap(({ reasons }) => reasons.map(({ rule }) => rule)),
  ]);
