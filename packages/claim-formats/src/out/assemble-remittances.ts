import type { ClaimAdjudicated } from '@vigil/contracts';
import { claimProblems, totalsOf, type RemittanceProblem } from './check-remittance.ts';
import type {
  ClaimAmounts,
  ClaimStatus,
  Day,
  ProviderAdjustment,
  Remittance,
  RemittanceParty,
  RemittancePayee,
  RemittedClaim,
  RemittedPatient,
} from './remittance.ts';

/** Money that a payee still owes from before, and the payment that said so. */
export interface ForwardBalance {
  readonly traceNumber: string;
  /** Greater than 0. */
  readonly owedCents: number;
}

/** What payments of one payer in one cycle are made of. */
export interface RemittanceCycle {
  readonly payerId: string;
  readonly payer: RemittanceParty;
  readonly paidOn: Day;
  /** Decisions in the order in which they were made; pended ones are left out. */
  readonly decisions: readonly ClaimAdjudicated[];
  readonly patientOf: (decision: ClaimAdjudicated) => RemittedPatient;
  /** By the name of `payeeKeyOf`. */
  readonly balances: ReadonlyMap<string, ForwardBalance>;
  /** By the name of `payeeKeyOf`: given out by whoever keeps the cycle, so that it is the same at every export. */
  readonly traceNumbers: ReadonlyMap<string, string>;
  /** What reversals take back, by the decision that they reverse, where that is known. */
  readonly originals?: ReadonlyMap<string, ClaimAmounts>;
}

/** Billing providers are told apart by kind and identifier. */
export const payeeKeyOf = ({ providerIdType, providerId }: Pick<ClaimAdjudicated, 'providerIdType' | 'providerId'>): string =>
  `${providerIdType}:${providerId}`;

const payeeOf = ({ providerId, providerIdType }: ClaimAdjudicated): RemittancePayee => {
  const id = providerId === '' ? 'UNKNOWN' : providerId;
  return { id, idType: providerIdType === 'npi' ? 'npi' : 'local', name: id };
};

const statusOf = ({ kind, outcome, coverageType }: ClaimAdjudicated): ClaimStatus => {
  if (kind === 'reversal') return 'reversal';
  if (outcome === 'denied') return 'denied';
  return coverageType === 'secondary' || coverageType === 'tertiary' ? coverageType : 'primary';
};

const frequencyOf = (frequency: string): RemittedClaim['frequency'] =>
  frequency === 'replacement' || frequency === 'void' ? frequency : 'original';

/** What goes with a decision into a payment. */
interface ClaimContext {
  readonly corrects: string | null;
  readonly patient: RemittedPatient;
  readonly original: ClaimAmounts | undefined;
}

function claimOf(decision: ClaimAdjudicated, { corrects, patient, original }: ClaimContext): RemittedClaim {
  const isReversal = decision.kind === 'reversal';
  const lines = decision.lines.map(({ denied: _denied, reasons: _reasons, patientCents: _patient, ...line }) => ({
    ...line,
    allowedCents: isReversal ? null : line.allowedCents,
    serviceFrom: line.serviceFrom ?? decision.serviceFrom,
  }));
  return {
    claimId: decision.claimId,
    status: statusOf(decision),
    chargeCents: decision.chargeCents,
    paidCents: decision.paidCents,
    patientCents: totalsOf({ adjustments: [], lines }).patientCents,
    payerControl: isReversal ? (decision.reverses ?? decision.decisionId) : decision.decisionId,
    corrects,
    ...(isReversal && original && { takesBack: original }),
    facility: decision.placeOfService,
    frequency: frequencyOf(decision.frequency),
    patient,
    serviceFrom: decision.serviceFrom,
    serviceTo: decision.serviceTo,
    receivedOn: decision.receivedOn,
    allowedCents: isReversal ? null : decision.allowedCents,
    adjustments: [],
    lines,
  };
}

const nobody: RemittedPatient = { lastName: '', firstName: '', memberId: '' };

/** What is wrong with a decision as a claim of a payment; empty = it may be paid. */
export const decisionProblems = (decision: ClaimAdjudicated, original: ClaimAmounts | undefined): readonly RemittanceProblem[] =>
  claimProblems(claimOf(decision, { corrects: null, patient: nobody, original }), 'CLP', original);

/** What is left when claims take back more than they pay: nothing is paid, and the rest is forwarded to the next payment. */
export function settle(
  claimsCents: number,
  before: ForwardBalance | undefined,
  traceNumber: string,
): { readonly paidCents: number; readonly owedCents: number; readonly providerAdjustments: readonly ProviderAdjustment[] } {
  const dueCents = claimsCents - (before?.owedCents ?? 0);
  const applied = before ? [{ code: 'FB', reference: before.traceNumber, cents: before.owedCents }] : [];
  if (dueCents >= 0) return { paidCents: dueCents, owedCents: 0, providerAdjustments: applied };
  return {
    paidCents: 0,
    owedCents: -dueCents,
    providerAdjustments: [...applied, { code: 'FB', reference: traceNumber, cents: dueCents }],
  };
}

/** A payment, and what its payee owes after it. */
export interface AssembledRemittance {
  readonly payeeKey: string;
  readonly owedCents: number;
  readonly remittance: Remittance;
}

/**
 * Payments of a payer in a cycle, one per billing provider in the order of their identifiers. A reversal and the correction
 * that follows it stay neighbours, as they were decided.
 *
 * @throws TypeError where a payee has no trace number: whoever gave them out saw other decisions
 */
export function assembleRemittances(cycle: RemittanceCycle): readonly AssembledRemittance[] {
  const byPayee = Map.groupBy(cycle.decisions, payeeKeyOf);
  return [...byPayee]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([payeeKey, decisions]) => {
      const traceNumber = cycle.traceNumbers.get(payeeKey);
      if (traceNumber === undefined) throw new TypeError('A payee has no trace number.');
      const takenBack = new Map(
        decisions.filter(({ kind }) => kind === 'reversal').map(({ submissionId, reverses }) => [submissionId, reverses]),
      );
      const claims = decisions.map((decision) => {
        const corrects = decision.kind === 'reversal' ? null : (takenBack.get(decision.submissionId) ?? null);
        return claimOf(decision, { corrects, patient: cycle.patientOf(decision), original: cycle.originals?.get(decision.reverses ?? '') });
      });
      const claimsCents = claims.reduce((sum, { paidCents }) => sum + paidCents, 0);
      const { owedCents, paidCents, providerAdjustments } = settle(claimsCents, cycle.balances.get(payeeKey), traceNumber);
      const { payerId, payer, paidOn } = cycle;
      const payee = payeeOf(decisions[0] as ClaimAdjudicated);
      return { payeeKey, owedCents, remittance: { traceNumber, payerId, payer, payee, paidOn, paidCents, claims, providerAdjustments } };
    });
}
