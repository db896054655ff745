import { expect, test } from '@jest/globals';
import { aDecidedLine, aDecision, aDecisionOf, aReversalOf, decidedClaims } from '@vigil/testing';
import * as fc from 'fast-check';
import { checkExplanation } from './check-explanation.ts';
import type { ExplanationItem, ExplanationOfBenefit } from './explanation.ts';
import { bundleOf, writeExplanation } from './write-explanation.ts';

const adjudication = 'http://terminology.hl7.org/CodeSystem/adjudication';
const c4bb = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication';

const amountsOf = ({ adjudication: entries }: Pick<ExplanationItem, 'adjudication'>): Record<string, string> =>
  Object.fromEntries(
    entries.flatMap(({ category: { coding }, amount }) => (amount ? [[coding[0]!.code, `${amount.value} ${coding[0]!.system === c4bb ? 'c4bb' : 'r4'}`]] : [])), // prettier-ignore
  );
const totalsOf = ({ total }: ExplanationOfBenefit) => amountsOf({ adjudication: total });

/** Charge 200.00: CO-45 40, PR-1 30, PR-2 20, PR-3 10, OA-23 15, CO-97 5; paid 80. */
const line = aDecidedLine({
  chargeCents: 20_000,
  allowedCents: 16_000,
  paidCents: 8_000,
  patientCents: 6_000,
  adjustments: [
    { group: 'CO', carc: '45', cents: 4_000 },
    { group: 'PR', carc: '1', cents: 3_000 },
    { group: 'PR', carc: '2', cents: 2_000 },
    { group: 'PR', carc: '3', cents: 1_000 },
    { group: 'OA', carc: '23', cents: 1_500 },
    { group: 'CO', carc: '97', cents: 500 },
  ],
});

test('each amount stands in its C4BB slice, with the code system that defines it', () => {
  const { item } = writeExplanation(aDecisionOf([line]), null);

  expect(amountsOf(item[0]!)).toEqual({
    submitted: '200 r4',
    eligible: '160 r4',
    deductible: '30 r4',
    copay: '10 r4',
    benefit: '80 r4',
    coinsurance: '20 c4bb',
    discount: '40 c4bb',
    priorpayerpaid: '15 c4bb',
    noncovered: '5 c4bb',
    paidtoprovider: '80 c4bb',
    paidbypatient: '0 c4bb',
    memberliability: '60 c4bb',
  });
  expect(item[0]!.adjudication[0]!.category.coding[0]!.system).toBe(adjudication);
});

test('totals are the sums over the items', () => {
  const explanation = writeExplanation(aDecisionOf([line, { ...line, line: 2 }]), null);
  expect(totalsOf(explanation)).toMatchObject({ submitted: '400 r4', benefit: '160 r4', memberliability: '120 c4bb' });
});

test('a denied line tells its reasons: CARC and RARC', () => {
  const denied = aDecidedLine({
    denied: true,
    paidCents: 0,
    allowedCents: 0,
    patientCents: 0,
    adjustments: [{ group: 'CO', carc: '16', cents: 15_000 }],
    rarc: ['M79'],
  });
  const { item, payment, disposition } = writeExplanation(aDecisionOf([denied]), null);
  const reasons = item[0]!.adjudication.filter(({ category }) => category.coding[0]!.code === 'denialreason');

  expect(reasons.map(({ reason }) => reason!.coding[0])).toEqual([
    { system: 'https://x12.org/codes/claim-adjustment-reason-codes', code: '16' },
    { system: 'https://x12.org/codes/remittance-advice-remark-codes', code: 'M79' },
  ]);
  expect(amountsOf(item[0]!)).toMatchObject({ noncovered: '150 c4bb', benefit: '0 r4' });
  expect(payment).toMatchObject({ type: { coding: [{ code: 'denied' }] }, amount: { value: 0, currency: 'USD' } });
  expect(disposition).toBe('denied');
  const statusOf = (lines: (typeof denied)[]) => writeExplanation(aDecisionOf(lines), null)['payment'];
  expect(statusOf([line, { ...denied, line: 2 }])).toMatchObject({ type: { coding: [{ code: 'partiallypaid' }] } });
  expect(statusOf([line])).toMatchObject({ type: { coding: [{ code: 'paid' }] } });
});

test('the resource has what R4 requires, and names nobody unless somebody may be named', () => {
  const explanation = writeExplanation(aDecision({ reverses: null }), null);

  expect(explanation).toMatchObject({
    resourceType: 'ExplanationOfBenefit',
    id: aDecision().decisionId,
    meta: { profile: [expect.stringMatching(/C4BB-ExplanationOfBenefit-Professional-NonClinician$/)] },
    status: 'active',
    type: { coding: [{ code: 'professional' }] },
    use: 'claim',
    patient: { identifier: { system: 'urn:vigil:patient-token', value: 't1.patient-one' } },
    billablePeriod: { start: '2024-03-15', end: '2024-03-15' },
    created: '2024-03-20T10:30:00.000Z',
    insurer: { identifier: { value: 'PAYER_A' } },
    provider: { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' } },
    outcome: 'complete',
    insurance: [{ focal: true, coverage: { identifier: { value: 't1.member-one' } } }],
    diagnosis: [
      { sequence: 1, diagnosisCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'E119' }] }, type: [{ coding: [{ code: 'principal' }] }] }, // prettier-ignore
      { sequence: 2, type: [{ coding: [{ code: 'secondary' }] }] },
    ],
    item: [{ sequence: 1, productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '99213' }] }, servicedDate: '2024-03-15', quantity: { value: 1 } }], // prettier-ignore
  });
  expect(explanation['patient']).not.toHaveProperty('display');
  const named = writeExplanation(aDecision(), { firstName: 'Jane', lastName: 'Canary', memberId: 'm' });
  expect(named['patient']).toHaveProperty('display', 'Jane Canary');
});

test('what a claim does not tell is absent, and kinds of claims have their profiles', () => {
  const bare = aDecision({ serviceFrom: null, serviceTo: null, diagnosisCodes: [], placeOfService: '', providerId: '', network: '', claimType: 'other', lines: [aDecidedLine({ procedureCode: '', modifiers: [] })] }); // prettier-ignore
  const explanation = writeExplanation(bare, null);
  expect(explanation).toMatchObject({ provider: { identifier: { value: 'UNKNOWN' } }, item: [{ productOrService: { coding: [{ code: 'not-applicable' }] } }] }); // prettier-ignore
  expect(explanation['billablePeriod']).toEqual({});
  expect(explanation).not.toHaveProperty('diagnosis');
  expect(explanation.item[0]).not.toHaveProperty('servicedDate');

  const codeOf = (procedureCode: string, revenueCode: string) =>
    writeExplanation(aDecision({ lines: [aDecidedLine({ procedureCode, revenueCode })] }), null).item[0]!;
  expect(codeOf('', '0450').productOrService.coding[0]).toEqual({ system: 'https://www.nubc.org/CodeSystem/RevenueCodes', code: '0450' });
  expect(codeOf('J1100', '0450')).toMatchObject({ revenue: { coding: [{ code: '0450' }] }, productOrService: { coding: [{ system: expect.stringContaining('HCPCS') }] } }); // prettier-ignore
  const profileOf = (claimType: string) => (writeExplanation(aDecision({ claimType }), null)['meta'] as { profile: string[] }).profile[0];
  expect([profileOf('institutional'), profileOf('pharmacy')]).toEqual([
    expect.stringMatching(/Outpatient-Institutional$/),
    expect.stringMatching(/Pharmacy$/),
  ]);
});

test('a reversal is a cancelled explanation that points to what it takes back; a pended claim is queued and tells the charge only', () => {
  const reversal = writeExplanation(aReversalOf(aDecision(), 's2'), null);
  expect(reversal).toMatchObject({ status: 'cancelled', related: [{ claim: { identifier: { value: aDecision().decisionId } } }] });
  expect(totalsOf(reversal)).toMatchObject({ submitted: '-150 r4', benefit: '-64 r4' });

  const pended = writeExplanation(aDecision({ outcome: 'pended', network: 'out' }), null);
  expect(pended.outcome).toBe('queued');
  expect(amountsOf(pended.item[0]!)).toEqual({ submitted: '150 r4' });
  expect(pended).not.toHaveProperty('payment');
});

test('what does not add up is not written', () => {
  expect(() => writeExplanation(aDecision({ lines: [aDecidedLine({ paidCents: 6_401 })] }), null)).toThrow(
    expect.objectContaining({ code: 'UNBALANCED_REMITTANCE', message: expect.stringContaining('Item 1 does not add up') }),
  );
  const explanation = writeExplanation(aDecision(), null);
  expect(checkExplanation({ ...explanation, total: explanation.total.slice(1) })).toEqual([
    'The total of submitted is not that of the items',
  ]);
});

test('every balanced decision makes a balanced explanation, and a bundle holds them all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const explanations = decidedClaims(seed, 12).map((decision) => writeExplanation(decision, null));
      for (const explanation of explanations) expect(checkExplanation(explanation)).toEqual([]);
      expect(bundleOf(explanations)).toMatchObject({ resourceType: 'Bundle', total: explanations.length });
    }),
    { numRuns: 50 },
  );
});
