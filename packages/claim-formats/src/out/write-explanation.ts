import type { ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { checkExplanation } from './check-explanation.ts';
import type { Adjudication, ExplanationItem, ExplanationOfBenefit } from './explanation.ts';
import { amountSystems, concept, moneyOf, systems, type AmountCategory, type CodeableConcept } from './fhir-terms.ts';
import type { RemittedPatient } from './remittance.ts';
import { splitAmounts } from './split-amounts.ts';
import { dayText } from './x12-text.ts';

type Line = ClaimAdjudicated['lines'][number];

const profileBase = 'http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit';
const profiles: Readonly<Record<string, string>> = {
  professional: `${profileBase}-Professional-NonClinician`,
  institutional: `${profileBase}-Outpatient-Institutional`,
  pharmacy: `${profileBase}-Pharmacy`,
};

/** The amounts of a line by C4BB category; of a pended line nothing but the charge is known. Cents. */
export function amountsOf(line: Line, isDecided: boolean): Readonly<Partial<Record<AmountCategory, number>>> {
  if (!isDecided) return { submitted: line.chargeCents };
  return {
    submitted: line.chargeCents,
    eligible: line.allowedCents,
    ...splitAmounts(line.adjustments),
    benefit: line.paidCents,
    paidtoprovider: line.paidCents,
    // No input of ours tells of a payment by the patient.
    paidbypatient: 0,
    memberliability: line.adjustments.reduce((sum, { group, cents }) => sum + (group === 'PR' ? cents : 0), 0),
  };
}

const amountEntries = (amounts: Readonly<Partial<Record<AmountCategory, number>>>) =>
  (Object.entries(amounts) as [AmountCategory, number][]).map(([category, cents]) => ({
    category: concept(amountSystems[category], category),
    amount: moneyOf(cents),
  }));

function reasonEntries({ denied, adjustments, rarc }: Line): readonly Adjudication[] {
  if (!denied) return [];
  const category = concept(systems.c4bbDiscriminator, 'denialreason');
  const reasons = [...adjustments.map(({ carc }) => [systems.carc, carc] as const), ...rarc.map((code) => [systems.rarc, code] as const)];
  return reasons.map(([system, code]) => ({ category, reason: concept(system, code) }));
}

/** The code of a service; CPT codes are five digits, or four and a letter, without any words of theirs. */
function serviceOf({ procedureCode, revenueCode }: Line): CodeableConcept {
  if (procedureCode !== '') return concept(/^[A-V]/.test(procedureCode) ? systems.hcpcs : systems.cpt, procedureCode);
  return revenueCode === '' ? concept(systems.absent, 'not-applicable') : concept(systems.revenue, revenueCode);
}

function itemOf(line: Line, decision: ClaimAdjudicated, networkStatus: string): ExplanationItem {
  const day = line.serviceFrom ?? decision.serviceFrom;
  const isDecided = decision.outcome !== 'pended';
  const network: Adjudication = {
    category: concept(systems.c4bbDiscriminator, 'benefitpaymentstatus'),
    reason: concept(systems.c4bbPayerStatus, networkStatus),
  };
  return {
    sequence: line.line,
    productOrService: serviceOf(line),
    ...(line.procedureCode !== '' && line.revenueCode !== '' && { revenue: concept(systems.revenue, line.revenueCode) }),
    ...(line.modifiers.length > 0 && { modifier: line.modifiers.map((code) => concept(systems.hcpcs, code)) }),
    ...(day !== null && { servicedDate: dayText(day) }),
    ...(decision.placeOfService !== '' && { locationCodeableConcept: concept(systems.placeOfService, decision.placeOfService) }),
    quantity: { value: line.unitsThousandths / 1000 },
    adjudication: [...amountEntries(amountsOf(line, isDecided)), ...(isDecided ? [network, ...reasonEntries(line)] : [])],
  };
}

function totalsOf(decision: ClaimAdjudicated) {
  const totals: Partial<Record<AmountCategory, number>> = {};
  for (const line of decision.lines) {
    for (const [category, cents] of Object.entries(amountsOf(line, decision.outcome !== 'pended')) as [AmountCategory, number][]) {
      totals[category] = (totals[category] ?? 0) + cents;
    }
  }
  return amountEntries(totals);
}

const tokenReference = (system: string, value: string) => ({ identifier: { system: `urn:vigil:${system}`, value } });

const providerReference = ({ providerId, providerIdType }: ClaimAdjudicated) => ({
  identifier: { system: providerIdType === 'npi' ? systems.npi : 'urn:vigil:provider', value: providerId === '' ? 'UNKNOWN' : providerId },
});

const paymentStatusOf = ({ outcome, lines }: ClaimAdjudicated): string => {
  if (outcome === 'denied') return 'denied';
  return lines.some(({ denied }) => denied) ? 'partiallypaid' : 'paid';
};

/** What a reversal takes back came before it; what takes a decision back goes with it. */
function relatedOf(reverses: string | null, reversedBy: string | null) {
  const related = [
    [reverses, 'prior'],
    [reversedBy, 'associated'],
  ] as const;
  const entries = related.flatMap(([decision, relationship]) =>
    decision === null ? [] : [{ claim: tokenReference('decision', decision), relationship: concept(systems.relatedClaim, relationship) }],
  );
  return entries.length > 0 && { related: entries };
}

/**
 * One decision as a FHIR R4 ExplanationOfBenefit with the slices of C4BB. Who the patient is stands in it as a token,
 * with a name only where one is given.
 *
 * @param patient  names, where somebody may see them
 * @param reversedBy  the reversal that took the decision back; it is cancelled then
 * @throws VigilError UNBALANCED_REMITTANCE where the amounts of an item or a total do not add up
 */
export function writeExplanation(
  decision: ClaimAdjudicated,
  patient: RemittedPatient | null,
  reversedBy: string | null = null,
): ExplanationOfBenefit {
  const networkStatus = ({ in: 'innetwork', out: 'outofnetwork' } as Readonly<Record<string, string>>)[decision.network] ?? 'other';
  const day = decision.serviceFrom === null ? {} : { start: dayText(decision.serviceFrom) };
  const isInstitutional = decision.claimType === 'institutional';
  const explanation: ExplanationOfBenefit = {
    resourceType: 'ExplanationOfBenefit',
    id: decision.decisionId,
    meta: {
      lastUpdated: new Date(decision.decidedAt).toISOString(),
      profile: [profiles[decision.claimType] ?? profiles['professional']],
    },
    identifier: [
      { type: concept(systems.c4bbIdentifierType, 'uc'), system: 'urn:vigil:decision', value: decision.decisionId },
      { system: 'urn:vigil:claim', value: decision.claimId },
    ],
    status: decision.kind === 'reversal' || reversedBy !== null ? 'cancelled' : 'active',
    type: concept(systems.claimType, isInstitutional || decision.claimType === 'pharmacy' ? decision.claimType : 'professional'),
    use: 'claim',
    patient: {
      ...tokenReference('patient-token', decision.patientToken),
      ...(patient !== null && { display: [patient.firstName, patient.lastName].filter((part) => part !== '').join(' ') }),
    },
    billablePeriod: { ...day, ...(decision.serviceTo !== null && { end: dayText(decision.serviceTo) }) },
    created: new Date(decision.decidedAt).toISOString(),
    insurer: tokenReference('payer', decision.payerId),
    provider: providerReference(decision),
    ...relatedOf(decision.reverses, reversedBy),
    payee: { type: concept('http://terminology.hl7.org/CodeSystem/payeetype', 'provider'), party: providerReference(decision) },
    outcome: decision.outcome === 'pended' ? 'queued' : 'complete',
    disposition: decision.outcome,
    careTeam: [
      {
        sequence: 1,
        provider: providerReference(decision),
        role: concept('http://terminology.hl7.org/CodeSystem/claimcareteamrole', 'primary'),
      },
    ],
    supportingInfo: [
      {
        sequence: 1,
        category: concept(systems.c4bbSupportingInfo, 'clmrecvddate'),
        timingDate: dayText(decision.receivedOn),
      },
      {
        sequence: 2,
        category: concept(systems.c4bbSupportingInfo, 'billingnetworkstatus'),
        code: concept(systems.c4bbPayerStatus, networkStatus),
      },
    ],
    ...(decision.diagnosisCodes.length > 0 && {
      diagnosis: decision.diagnosisCodes.map((code, index) => ({
        sequence: index + 1,
        diagnosisCodeableConcept: concept(systems.icd10cm, code),
        type: [index === 0 ? concept(systems.diagnosisType, 'principal') : concept(systems.c4bbDiagnosisType, 'secondary')],
      })),
    }),
    insurance: [{ focal: true, coverage: tokenReference('member-token', decision.memberToken) }],
    item: decision.lines.map((line) => itemOf(line, decision, networkStatus)),
    total: totalsOf(decision),
    ...(decision.outcome !== 'pended' && {
      payment: {
        type: concept('http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayerClaimPaymentStatusCode', paymentStatusOf(decision)),
        amount: moneyOf(decision.paidCents),
      },
    }),
  };
  const [problem] = checkExplanation(explanation);
  if (problem !== undefined) throw new VigilError('UNBALANCED_REMITTANCE', { detail: `${problem}.` });
  return explanation;
}

/** Several explanations as one collection. */
export const bundleOf = (explanations: readonly ExplanationOfBenefit[]) => ({
  resourceType: 'Bundle' as const,
  type: 'collection' as const,
  total: explanations.length,
  entry: explanations.map((resource) => ({ fullUrl: `urn:vigil:eob:${resource.id}`, resource })),
});
