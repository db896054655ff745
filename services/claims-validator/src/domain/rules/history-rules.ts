import type { ClaimLine } from '@vigil/contracts';
import { yearAfter } from '../calendar.ts';
import type { ClaimCase, LineCase } from '../claim-case.ts';
import type { KnownService } from '../claim-world.ts';
import { receivedOn } from './enrich-rules.ts';
import { lineRule, type Finding, type Rule } from './rule.ts';
import { earlierServices, sameModifiers, isToldApart } from './same-service.ts';

const renderedBy = (renderingProviderId: string, at: ClaimCase): string =>
  renderingProviderId || at.claim.renderingProviderId || at.claim.providerId;

const isSame = (known: KnownService, { line }: LineCase, at: ClaimCase): boolean =>
  known.providerId === at.claim.providerId &&
  (known.renderingProviderId || known.providerId) === renderedBy(line.renderingProviderId, at) &&
  known.revenueCode === line.revenueCode &&
  known.unitsThousandths === line.unitsThousandths &&
  sameModifiers(known.modifiers, line.modifiers);

/** An earlier line of the claim that is the same but for who rendered it. A revenue code alone does not say that two are one service. */
function twinOf({ line, day }: LineCase, at: ClaimCase, isTwin: (twin: ClaimLine) => boolean): Finding | null {
  if (line.procedureCode === '') return null;
  for (const { line: twin, day: on } of at.lines) {
    if (twin === line) break;
    const alike =
      twin.procedureCode === line.procedureCode && twin.revenueCode === line.revenueCode && twin.chargeCents === line.chargeCents;
    const same = alike && on === day && twin.unitsThousandths === line.unitsThousandths && sameModifiers(twin.modifiers, line.modifiers);
    if (same && isTwin(twin)) return { detail: `line ${twin.line}`, field: 'services' };
  }
  return null;
}

const isSameHand = (twin: ClaimLine, { line }: LineCase, at: ClaimCase): boolean =>
  renderedBy(twin.renderingProviderId, at) === renderedBy(line.renderingProviderId, at);

/** Of a claim with several equal lines the first stands. */
const findTwin = (line: LineCase, at: ClaimCase): Finding | null => twinOf(line, at, (twin) => isSameHand(twin, line, at));

function findDuplicate(line: LineCase, at: ClaimCase): Finding | null {
  for (const known of earlierServices(line, at)) {
    if (known.chargeCents === line.line.chargeCents && isSame(known, line, at)) return { detail: `line ${known.line} of an earlier claim` };
  }
  return findTwin(line, at);
}

function findPaidBefore(line: LineCase, at: ClaimCase): Finding | null {
  for (const known of earlierServices(line, at)) {
    if (known.paidCents > 0 && isSame(known, line, at))
      return { detail: `line ${known.line} of an earlier claim, charged ${known.chargeCents} cents` };
  }
  return null;
}

/** Another provider is suspicious only with the same charge and units: two people may do the same on one day. */
function isSuspicious(known: KnownService, line: LineCase, at: ClaimCase): boolean {
  if (isToldApart(line.line.modifiers, known.modifiers)) return false;
  if (known.providerId === at.claim.providerId) return true;
  return known.chargeCents === line.line.chargeCents && known.unitsThousandths === line.line.unitsThousandths;
}

function findSuspectedDuplicate(line: LineCase, at: ClaimCase): Finding | null {
  if (line.terms.settings.suspectedDuplicate === 'pay') return null;
  for (const known of earlierServices(line, at))
    if (isSuspicious(known, line, at)) return { detail: `line ${known.line} of an earlier claim`, field: 'services' };
  return twinOf(line, at, (twin) => !isSameHand(twin, line, at) && !isToldApart(line.line.modifiers, twin.modifiers));
}

/** Professional claims count from the first day of a service, institutional ones from the last. */
function findLate(line: LineCase, at: ClaimCase): Finding | null {
  const { terms, day } = line;
  const from = at.claim.claimType === 'institutional' ? (line.line.serviceTo ?? at.claim.serviceTo ?? day) : day;
  const { timelyFilingDays, planId, version } = terms.plan;
  const received = receivedOn(at);
  if (received - from <= (timelyFilingDays === 0 ? 364 : timelyFilingDays)) return null;
  if (timelyFilingDays === 0 && received <= yearAfter(from)) return null;
  return {
    detail: timelyFilingDays === 0 ? 'one calendar year' : `${timelyFilingDays} days`,
    evidence: { table: 'reference.plan.changed.v1', row: planId, version },
  };
}

const manual = 'CMS IOM 100-04 ch. 1';

/** Steps 7 and 8: what came before, and whether the claim came in time. */
export const historyRules: readonly Rule[] = [
  lineRule(
    {
      code: 'DUPLICATE',
      name: 'An earlier claim, or an earlier line of this one, is the same service by the same provider and the same hand for the same charge',
      step: 7,
      group: 'OA',
      carc: '18',
      source: `CARC 18; ${manual} § 120`,
    },
    findDuplicate,
  ),
  lineRule(
    {
      code: 'PREVIOUSLY_PAID',
      name: 'The same service by the same provider was paid before, for another charge',
      step: 7,
      group: 'OA',
      carc: 'B13',
      source: 'CARC B13',
    },
    findPaidBefore,
  ),
  lineRule(
    {
      code: 'SUSPECTED_DUPLICATE',
      name: 'The same code on the same day came before with something different and without a modifier that says why',
      step: 7,
      settings: ['duplicate.suspected'],
      source: `${manual} § 120, suspect duplicates`,
    },
    findSuspectedDuplicate,
  ),
  lineRule(
    {
      code: 'TIMELY_FILING',
      name: 'The claim came after the plan’s filing limit',
      step: 8,
      group: 'CO',
      carc: '29',
      source: `CARC 29; ${manual} § 70`,
    },
    findLate,
  ),
];
