import type { AdjudicatedLine, PendReason } from '@vigil/contracts';
import type { Adjudication, DecidedAdjudication, SubStage } from './adjudication.ts';
import type { ClaimCase, LineCase } from './claim-case.ts';
import { toldChargeOf } from './judge-claim.ts';
import { isDiagnosisCode, isModifier, isPlaceOfService, isRevenueCode, procedureSystemOf } from './code-formats.ts';

const subStages: readonly SubStage[] = ['validate', 'enrich', 'coverage', 'adjudicate'];

/** CARC 16 needs a remark: this one says that the claim as a whole cannot be processed. */
const unprocessable = 'MA130';

function patientCentsOf({ adjustments }: LineCase): number {
  let cents = 0;
  for (const adjustment of adjustments) if (adjustment.group === 'PR') cents += adjustment.cents;
  return cents;
}

/** What is text where a code should be stays behind: decisions leave de-identified. */
function closeLine(of: LineCase): AdjudicatedLine {
  const { line, denied } = of;
  if (denied && of.rarc.length === 0 && of.adjustments[0]?.carc === '16') of.rarc.push(unprocessable);
  return {
    line: line.line,
    procedureCode: procedureSystemOf(line.procedureCode) === '' ? '' : line.procedureCode,
    revenueCode: isRevenueCode(line.revenueCode) ? line.revenueCode : '',
    modifiers: line.modifiers.every(isModifier) ? line.modifiers : line.modifiers.filter(isModifier),
    unitsThousandths: Math.max(0, line.unitsThousandths),
    serviceFrom: of.dated ? of.day : null,
    chargeCents: toldChargeOf(of),
    allowedCents: denied ? 0 : of.allowedCents,
    paidCents: denied ? 0 : of.paidCents,
    patientCents: patientCentsOf(of),
    denied,
    adjustments: of.adjustments,
    rarc: of.rarc,
    reasons: of.reasons,
  };
}

function factsOf(at: ClaimCase) {
  const { claim, terms } = at;
  return {
    payerId: terms.plan.payerId,
    planId: terms.plan.planId,
    planYear: at.planYear,
    network: at.network,
    providerType: at.provider?.providerType ?? '',
    placeOfService: isPlaceOfService(claim.placeOfService) ? claim.placeOfService : '',
    diagnosisCodes: claim.diagnosisCodes.every(isDiagnosisCode) ? claim.diagnosisCodes : claim.diagnosisCodes.filter(isDiagnosisCode),
    claimReasons: at.claimReasons,
    referenceVersions: at.versions,
  };
}

/** The sub-stage in which the last line was denied. */
function deniedIn(at: ClaimCase): SubStage {
  let last = 0;
  for (const line of at.toldLines) last = Math.max(last, subStages.indexOf(line.deniedIn ?? 'validate'));
  return subStages[last] ?? 'validate';
}

/** The decision: paid where at least one line stands. */
export function closeDecided(at: ClaimCase): DecidedAdjudication {
  const lines = at.toldLines.map(closeLine);
  const totals = { chargeCents: 0, allowedCents: 0, paidCents: 0, patientCents: 0 };
  let paid = false;
  for (const line of lines) {
    totals.chargeCents += line.chargeCents;
    totals.allowedCents += line.allowedCents;
    totals.paidCents += line.paidCents;
    totals.patientCents += line.patientCents;
    paid ||= !line.denied;
  }
  return {
    outcome: paid ? 'paid' : 'denied',
    endedIn: paid ? 'adjudicate' : deniedIn(at),
    ...factsOf(at),
    ...totals,
    lines,
    pendReasons: [],
  };
}

/** To a person: no lines and no money, so that the sum over all records is what was decided. */
export function closePended(at: ClaimCase, endedIn: SubStage, pendReasons: readonly PendReason[]): Adjudication {
  return {
    outcome: 'pended',
    endedIn,
    ...factsOf(at),
    chargeCents: 0,
    allowedCents: 0,
    paidCents: 0,
    patientCents: 0,
    lines: [],
    pendReasons,
  };
}
