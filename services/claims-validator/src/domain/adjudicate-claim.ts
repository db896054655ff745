import { type ClaimSubmitted, type PendReason, type ReviewDecided, secondPersonCentsOf } from '@vigil/contracts';
import { sharePotsOf, type SharePots } from './accumulators.ts';
import type { Adjudication } from './adjudication.ts';
import type { AdjudicationSettings } from './adjudication-settings.ts';
import { enrichCase, openCase, type ClaimCase, type LineCase } from './claim-case.ts';
import type { ClaimWorld } from './claim-world.ts';
import { closeDecided, closePended } from './close-case.ts';
import { allDenied, denyLine, denyNegatives, judgeLine, judgePhase, openReasons } from './judge-claim.ts';
import { priorOfUnits, priorPaymentsOf } from './prior-payment.ts';
import { coveragePhase, enrichPhase, moneyRules, validatePhase, voidPhase, workflowPhase, type Phase } from './rules/claim-rules.ts';
import { settleLine } from './settle-line.ts';

/** One phase; the adjudication if it ended there. */
function passPhase(phase: Phase, at: ClaimCase): Adjudication | undefined {
  if (judgePhase(phase, at)) return closeDecided(at);
  const open = openReasons(at);
  return open.length > 0 ? closePended(at, phase.subStage, open) : undefined;
}

function judgeMoney(line: LineCase, at: ClaimCase): void {
  for (const rule of moneyRules) {
    judgeLine(rule, line, at);
    if (line.denied) return;
  }
}

/** Limits, price and cost sharing in the order of the lines, each with what the ones before it left. */
function settleLines(at: ClaimCase): void {
  const priors = priorPaymentsOf(at.claim);
  let pots: SharePots | undefined;
  for (let index = 0; index < at.lines.length; index++) {
    const line = at.lines[index] as LineCase;
    if (!line.denied) judgeMoney(line, at);
    const { terms, benefit } = line;
    // A line without a benefit has been denied.
    if (line.denied || benefit === undefined) continue;
    if (pots?.planYear !== line.planYear) pots = sharePotsOf(line, at);
    settleLine(line, { at, pots, terms, benefit, prior: priorOfUnits(priors?.[index], line) });
  }
}

/** The plan's own limit goes before the service's. */
function needsSecondPerson(review: ReviewDecided, at: ClaimCase): boolean {
  const limit = secondPersonCentsOf(at.terms.plan.settings) ?? at.settings.secondPersonAboveCents;
  const second = review.secondPerson ?? '';
  return at.claim.totalCents > limit && (second === '' || second === review.person);
}

function denyByReview({ group, carc, rarc }: ReviewDecided, at: ClaimCase): Adjudication {
  // A1 says only that it was denied: a person who gives no reason of the code set gives at least a remark.
  const denial = { subStage: 'adjudicate', group: group === '' ? 'CO' : group, carc: carc === '' ? 'A1' : carc, rarc } as const;
  for (const line of at.toldLines) denyLine(line, denial);
  denyNegatives(at);
  at.claimReasons.push({ rule: 'REVIEW_DENIED', table: '', row: '', version: 0, detail: '' });
  return closeDecided(at);
}

/** Whatever people were shown of the claim, each reason once. */
function shownBefore({ world: { asked, lookedAt } }: ClaimCase): readonly PendReason[] {
  const isAsked = ({ code, field, line }: PendReason): boolean =>
    asked.some((reason) => reason.code === code && reason.field === field && reason.line === line);
  return [...asked, ...lookedAt.filter((reason) => !isAsked(reason))];
}

/** What a person's decision makes of the claim; undefined = it is adjudicated like any other, less what was looked at. */
function applyReview(review: ReviewDecided, at: ClaimCase): Adjudication | undefined {
  if (needsSecondPerson(review, at)) {
    const code = 'SECOND_PERSON_NEEDED';
    const again: PendReason = { code, field: 'total_amount', line: 0 };
    return closePended(at, 'adjudicate', [again, ...shownBefore(at).filter((reason) => reason.code !== code)]);
  }
  return review.decision === 'deny' ? denyByReview(review, at) : undefined;
}

/**
 * Decides one claim: pure, and the same for the same arguments. The rules run in the order of `claimRules`; the first that
 * denies a line is the reason it is denied for, and of a claim with lines left and questions open a person decides.
 *
 * @param world  as of what is known now. What lines use up is added to its accumulators as they are settled, in the order of the
 *               lines: the caller keeps it with a decision and drops it when the claim is pended.
 * @returns every line balanced: charge = paid + Σ adjustments, in cents
 */
export function adjudicateClaim(claim: ClaimSubmitted, world: ClaimWorld, settings: AdjudicationSettings): Adjudication {
  const at = openCase(claim, world, settings);
  if (world.review !== undefined) {
    enrichCase(at);
    const decided = applyReview(world.review, at);
    if (decided !== undefined) return decided;
  }
  const early = passPhase(workflowPhase, at) ?? passPhase(validatePhase, at);
  if (early !== undefined) return early;
  enrichCase(at);
  const late = passPhase(enrichPhase, at) ?? passPhase(coveragePhase, at);
  if (late !== undefined) return late;
  settleLines(at);
  const open = openReasons(at);
  return open.length > 0 && !allDenied(at) ? closePended(at, 'adjudicate', open) : closeDecided(at);
}

/**
 * Whether a void takes back what it names: it has to be what the workflow asks of every claim, to name something, and above the
 * limit to be released by two people. Of its services nothing is asked.
 *
 * @returns why it does not; null = it does
 */
export function adjudicateVoid(claim: ClaimSubmitted, world: ClaimWorld, settings: AdjudicationSettings): Adjudication | null {
  const at = openCase(claim, world, settings);
  if (world.review !== undefined) {
    enrichCase(at);
    const decided = applyReview(world.review, at);
    if (decided !== undefined) return decided;
  }
  return passPhase(workflowPhase, at) ?? passPhase(voidPhase, at) ?? null;
}
