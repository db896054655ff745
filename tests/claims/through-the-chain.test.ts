import { expect, test } from '@jest/globals';
import { assembleRemittances, checkRemittance, payeeKeyOf, readRemittance, writeRemittance } from '@vigil/claim-formats';
import { dispositionsOf, imbalancesOf, openClaimsChain, outcomesOf, shippedReference } from './claims-chain.ts';

const reference = await shippedReference();
const example = {
  claim_id: 'CLM_789012',
  patient_id: 'PAT_12345',
  provider_id: 'PROV_001',
  service_date: '2024-03-15',
  services: [{ procedure_code: '99213', description: 'Office visit, established patient', amount: 150.0, units: 1 }],
  total_amount: 150.0,
  insurance_info: { policy_number: 'POL_123456', group_number: 'GRP_789', coverage_type: 'PRIMARY' },
};
const jsonFile = (claims: unknown) => [{ name: 'claims_1.json', bytes: Buffer.from(JSON.stringify(claims)) }];

test('the customer’s example is paid: the fee schedule’s 115.00 less the copay of 20.00', async () => {
  const chain = await openClaimsChain({ reference });
  await chain.send(jsonFile({ ...example, received_date: '2024-03-20' }));

  // Charge 150.00; PPO_IN pays 115.00 for 99213, so 35.00 are contractual; an office visit costs 20.00 and no deductible.
  expect(chain.decisions()).toMatchObject([
    {
      outcome: 'paid',
      planId: 'PPO',
      network: 'in',
      chargeCents: 15_000,
      allowedCents: 11_500,
      paidCents: 9_500,
      patientCents: 2_000,
      lines: [
        {
          adjustments: [
            { group: 'CO', carc: '45', cents: 3_500 },
            { group: 'PR', carc: '3', cents: 2_000 },
          ],
        },
      ],
    },
  ]);
});

test('received two years after the service it is too late: all of it is denied CO-29', async () => {
  const chain = await openClaimsChain({ reference });
  await chain.send(jsonFile(example));

  expect(chain.decisions()).toMatchObject([
    { outcome: 'denied', paidCents: 0, lines: [{ adjustments: [{ group: 'CO', carc: '29', cents: 15_000 }] }] },
  ]);
});

test('a file is all accounted for: decided once each, repeats as duplicates, tampering and broken rules to a person', async () => {
  const chain = await openClaimsChain({ reference });
  const claim = { ...example, received_date: '2024-03-20' };
  const counts = await chain.send(
    jsonFile([
      claim,
      claim,
      { ...claim, total_amount: 250, services: [{ ...example.services[0], amount: 250 }] },
      { ...claim, claim_id: 'CLM_2', service_date: '15.03.2024' },
      { ...claim, claim_id: 'CLM_3', total_amount: 151 },
      { ...claim, claim_id: 'CLM_4', patient_id: 'PAT_NOBODY' },
      { ...claim, claim_id: undefined },
    ]),
  );

  expect(counts).toMatchObject({ received: 7, rejectedClaims: 0 });
  expect(dispositionsOf(chain.intakeLedger())).toEqual({ consumed: 7, processed: 5, duplicate: 1, rejected: 1, suppressed: 0 });
  expect(outcomesOf(chain.decisions())).toEqual({ paid: 1, pended: 2, denied: 2 });
  const of = (claimId: string) => chain.decisions().filter((decision) => decision.claimId === claimId);
  expect(of('CLM_789012').map(({ outcome, pendReasons }) => [outcome, pendReasons.map(({ code }) => code)])).toEqual([
    ['paid', []],
    ['pended', ['CONFLICTING_CLAIM']],
  ]);
  expect(of('CLM_2')[0]?.pendReasons.map(({ code, field }) => [code, field])).toContainEqual(['DATE_FORMAT', 'service_date']);
  expect(of('CLM_3')[0]?.lines[0]).toMatchObject({ adjustments: [{ group: 'CO', carc: '16', cents: 15_000 }], rarc: ['M54'] });
  expect(of('CLM_4')[0]?.lines[0]?.adjustments).toEqual([expect.objectContaining({ carc: '31', cents: 15_000 })]);
  expect(chain.quarantined()).toEqual(['MISSING_CLAIM_ID']);
});

test('each sub-stage tells how many claims reached it and how many ended there', async () => {
  const chain = await openClaimsChain({ reference });
  const claim = { ...example, received_date: '2024-03-20' };
  await chain.send(
    jsonFile([claim, { ...claim, claim_id: 'CLM_2', total_amount: 60_000 }, { ...claim, claim_id: 'CLM_3', patient_id: 'PAT_NOBODY' }]),
  );
  const told = new Map<string, readonly [number, number, number]>();
  for (const { subStage, consumed, processed, suppressed } of chain.adjudicateLedger()) {
    const [a, b, c] = told.get(subStage) ?? [0, 0, 0];
    told.set(subStage, [a + consumed, b + processed, c + suppressed]);
  }

  expect(told.get('validate')).toEqual([3, 2, 1]);
  expect(told.get('enrich')).toEqual([2, 1, 1]);
  expect(told.get('coverage')).toEqual([1, 1, 0]);
  expect(told.get('adjudicate')).toEqual([1, 1, 0]);
});

const interchange = (claims: string, count: number): Buffer => {
  const set = `ST*837*0001*005010X222A1~BHT*0019*00*0123*20240320*1023*CH~NM1*41*2*BILLING SERVICE*****46*TGJ23~PER*IC*JERRY*TE*3055552222~NM1*40*2*VIGIL HEALTH*****46*VH001~HL*1**20*1~PRV*BI*PXC*207R00000X~NM1*85*2*EXAMPLE CLINIC*****XX*1234567893~N3*234 SEAWAY ST~N4*MIAMI*FL*331110000~REF*EI*587654321~${claims}`;
  const segments = set.split('~').length - 1 + 1;
  if (count !== segments) throw new Error(`the set has ${segments} segments`);
  return Buffer.from(
    `ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*VH001          *240320*1023*^*00501*000000001*0*T*:~GS*HC*SUBMITTER*VH001*20240320*1023*1*X*005010X222A1~${set}SE*${segments}*0001~GE*1*1~IEA*1*000000001~`,
  );
};
const subscriber =
  'HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*STONE*ELLIS****MI*W100000001~N3*1 ELM ST~N4*MIAMI*FL*33111~DMG*D8*19750409*M~NM1*PR*2*VIGIL HEALTH*****PI*VH001~';
const visit =
  'CLM*VISIT1*160***11:B:1*Y*A*Y*Y~HI*ABK:I10~LX*1~SV1*HC:99213*150*UN*1***1~DTM*472*D8*20240315~LX*2~SV1*HC:36415*10*UN*1***1~DTM*472*D8*20240315~'.replaceAll(
    'DTM',
    'DTP',
  );

test('an 837 is adjudicated, and its 835 reads back as it was written, balanced at every level', async () => {
  const chain = await openClaimsChain({ reference, nowMs: Date.UTC(2024, 2, 21) });
  const split = await chain.send([{ name: 'visits.837', bytes: interchange(subscriber + visit, 27) }]);
  expect(split).toMatchObject({ received: 1, rejectedClaims: 0, codes: [] });

  const decisions = chain.decisions();
  // 99213: 150.00 − 35.00 contractual − 20.00 copay = 95.00. 36415: the fee is 10.71, the charge of 10.00 is less and allowed.
  expect(decisions.map(({ outcome, paidCents, patientCents }) => [outcome, paidCents, patientCents])).toEqual([['paid', 10_500, 2_000]]);
  const [made] = assembleRemittances({
    payerId: 'VIGIL_HEALTH',
    payer: { name: 'VIGIL HEALTH' },
    paidOn: 19_803,
    decisions,
    patientOf: () => ({ lastName: 'STONE', firstName: 'ELLIS', memberId: 'W100000001' }),
    balances: new Map(),
    traceNumbers: new Map(decisions.map((decision) => [payeeKeyOf(decision), 'T1'])),
  });
  const remittance = made?.remittance as NonNullable<typeof made>['remittance'];
  expect(checkRemittance(remittance)).toEqual([]);
  expect(remittance.paidCents).toBe(10_500);
  const written = writeRemittance({
    controlNumber: 1,
    payerId: 'VIGIL_HEALTH',
    createdAtMs: Date.UTC(2024, 2, 21),
    usage: 'test',
    remittances: [remittance],
  });
  expect(readRemittance(written).files[0]?.remittances[0]).toMatchObject({
    traceNumber: 'T1',
    paidCents: 10_500,
    claims: [{ claimId: 'VISIT1', chargeCents: 16_000, paidCents: 10_500, patientCents: 2_000 }],
  });
});

test('nothing that is written goes unbalanced', async () => {
  const chain = await openClaimsChain({ reference });
  const claim = { ...example, received_date: '2024-03-20' };
  await chain.send(
    jsonFile([
      claim,
      {
        ...claim,
        type: 'replacement',
        claim_id: 'CLM_R',
        original_claim_id: 'CLM_789012',
        services: [{ ...example.services[0], units: 2 }],
        total_amount: 300,
      },
      { ...claim, type: 'void', claim_id: 'CLM_V', original_claim_id: 'CLM_R' },
    ]),
  );

  const decisions = chain.decisions();
  expect(decisions.map(({ claimId, outcome, kind }) => [claimId, outcome, kind])).toEqual([
    ['CLM_789012', 'paid', 'decision'],
    ['CLM_789012', 'reversed', 'reversal'],
    // Two visits of one day are more than the MUE allows.
    ['CLM_R', 'denied', 'decision'],
    ['CLM_R', 'reversed', 'reversal'],
  ]);
  expect(decisions.flatMap(imbalancesOf)).toEqual([]);
  // Everything was taken back.
  expect(decisions.reduce((sum, { paidCents }) => sum + paidCents, 0)).toBe(0);
});
