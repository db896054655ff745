import { expect, test } from '@jest/globals';
import { aDecidedLine, aDecision, aDecisionOf, aReversalOf } from '@vigil/testing';
import { assembleRemittances, settle, type RemittanceCycle } from './assemble-remittances.ts';
import { checkRemittance } from './check-remittance.ts';
import { heldBack } from './hold-back.ts';
import { readRemittance } from './read-remittance.ts';
import type { Remittance, RemittanceFile, RemittedClaim } from './remittance.ts';
import { writeRemittance } from './write-remittance.ts';

const paidOn = 19_802; // 2024-03-20
const cycleOf = (decisions: RemittanceCycle['decisions'], changed: Partial<RemittanceCycle> = {}): RemittanceCycle => ({
  payerId: 'PAYER_A',
  payer: { name: 'PAYER_A' },
  paidOn,
  decisions,
  patientOf: ({ patientToken, memberToken }) => ({ lastName: patientToken, firstName: '', memberId: memberToken }),
  balances: new Map(),
  traceNumbers: new Map([['npi:1234567893', 'T1']]),
  ...changed,
});
const fileOf = (remittances: readonly Remittance[], changed: Partial<RemittanceFile> = {}): RemittanceFile => ({
  controlNumber: 7,
  payerId: 'PAYER_A',
  createdAtMs: Date.UTC(2024, 2, 20, 14, 5),
  usage: 'production',
  remittances,
  ...changed,
});
const one = (cycle: RemittanceCycle): Remittance => assembleRemittances(cycle)[0]!.remittance;
const segmentsOf = (text: string): string[] => text.split('~\n').filter((segment) => segment !== '');

test('a paid claim is told segment by segment, as the implementation guide orders them', () => {
  const text = writeRemittance(fileOf([one(cycleOf([aDecision()]))]));

  // 150.00 − 50.00 (CO-45) − 20.00 (PR-1) − 16.00 (PR-2) = 64.00. Between ST and SE stand 19 segments, with both 21.
  expect(segmentsOf(text)).toEqual([
    'ISA*00*          *00*          *ZZ*PAYER_A        *ZZ*PROVIDERS      *240320*1405*^*00501*000000007*0*P*:',
    'GS*HP*PAYER_A*PROVIDERS*20240320*1405*7*X*005010X221A1',
    'ST*835*0001',
    'BPR*I*64.00*C*CHK************20240320',
    'TRN*1*T1*PAYER_A',
    'DTM*405*20240320',
    'N1*PR*PAYER_A',
    'REF*2U*PAYER_A',
    'N1*PE*1234567893*XX*1234567893',
    'LX*1',
    'CLP*CLM_1*1*150.00*64.00*36.00*ZZ*' + aDecision().decisionId + '*11*1',
    'NM1*QC*1*t1.patient-one*****MI*t1.member-one',
    'DTM*232*20240315',
    'DTM*233*20240315',
    'DTM*050*20240317',
    'AMT*AU*100.00',
    'SVC*HC:99213:25*150.00*64.00**1',
    'DTM*472*20240315',
    'CAS*CO*45*50.00',
    'CAS*PR*1*20.00**2*16.00',
    'REF*6R*1',
    'AMT*B6*100.00',
    'SE*21*0001',
    'GE*1*7',
    'IEA*1*000000007',
  ]);
});

test('a correction follows its reversal: status 22 with negative amounts, then the new decision that names what it corrects', () => {
  const first = aDecision();
  const corrected = aDecisionOf(
    [aDecidedLine({ paidCents: 8_000, patientCents: 2_000, adjustments: [{ group: 'CO', carc: '45', cents: 5_000 }, { group: 'PR', carc: '1', cents: 2_000 }] })], // prettier-ignore
    { decisionId: 'd2', submissionId: 's2', frequency: 'replacement' },
  );
  const remittance = one(cycleOf([first, aReversalOf(first, 's2'), corrected]));

  // 64.00 − 64.00 + 80.00
  expect(remittance.paidCents).toBe(8_000);
  const clp = segmentsOf(writeRemittance(fileOf([remittance]))).filter((segment) => /^(CLP|REF\*F8)/.test(segment));
  expect(clp).toEqual([
    `CLP*CLM_1*1*150.00*64.00*36.00*ZZ*${first.decisionId}*11*1`,
    `CLP*CLM_1*22*-150.00*-64.00*-36.00*ZZ*${first.decisionId}*11*7`,
    'CLP*CLM_1*1*150.00*80.00*20.00*ZZ*d2*11*7',
    `REF*F8*${first.decisionId}`,
  ]);
});

test('denied claims and other places among payers have their status', () => {
  const statusOf = (changed: object) => one(cycleOf([aDecision(changed)])).claims[0]!.status;
  expect([
    statusOf({}),
    statusOf({ coverageType: 'secondary' }),
    statusOf({ coverageType: 'tertiary' }),
    statusOf({ outcome: 'denied', coverageType: 'secondary' }),
  ]).toEqual(['primary', 'secondary', 'tertiary', 'denied']);
});

test.each([
  // claims, owed before → paid, owed after, PLB
  [5_000, 0, 5_000, 0, []],
  [0, 0, 0, 0, []],
  [-6_400, 0, 0, 6_400, [-6_400]],
  [10_000, 6_400, 3_600, 0, [6_400]],
  [4_000, 6_400, 0, 2_400, [6_400, -2_400]],
  [-1_000, 6_400, 0, 7_400, [6_400, -7_400]],
])('claims of %i with %i owed from before pay %i and leave %i', (claims, owed, paid, left, adjustments) => {
  const settled = settle(claims, owed === 0 ? undefined : { traceNumber: 'T0', owedCents: owed }, 'T1');

  expect(settled).toMatchObject({ paidCents: paid, owedCents: left });
  expect(settled.providerAdjustments.map(({ cents }) => cents)).toEqual(adjustments);
  // BPR02 = ΣCLP04 − ΣPLB
  expect(paid).toBe(claims - adjustments.reduce((sum: number, cents) => sum + cents, 0));
});

test('what is owed goes from one cycle to the next by PLB, with the trace number of the payment that said so', () => {
  const first = aDecision();
  const [earlier] = assembleRemittances(cycleOf([aReversalOf(first, 's2')]));
  expect(earlier).toMatchObject({ payeeKey: 'npi:1234567893', owedCents: 6_400, remittance: { paidCents: 0 } });
  const text = writeRemittance(fileOf([earlier!.remittance]));
  expect(segmentsOf(text)).toEqual(
    expect.arrayContaining(['BPR*H*0.00*C*NON************20240320', 'PLB*1234567893*20241231*FB:T1*-64.00']),
  );

  const balances = new Map([['npi:1234567893', { traceNumber: 'T1', owedCents: 6_400 }]]);
  const traceNumbers = new Map([['npi:1234567893', 'T2']]);
  const [next] = assembleRemittances(cycleOf([aDecision(), aDecision({ decisionId: 'd3' })], { balances, traceNumbers }));
  expect(next).toMatchObject({ owedCents: 0, remittance: { paidCents: 6_400 } });
  expect(segmentsOf(writeRemittance(fileOf([next!.remittance])))).toContain('PLB*1234567893*20241231*FB:T1*64.00');
});

test('a payment per billing provider; a local identifier is told as the payer’s own', () => {
  const decisions = [aDecision({ providerId: 'PROV_001', providerIdType: 'local' }), aDecision(), aDecision({ providerId: '' })];
  const traceNumbers = new Map([['npi:1234567893', 'T1'], ['local:PROV_001', 'T2'], ['npi:', 'T3']]); // prettier-ignore
  const remittances = assembleRemittances(cycleOf(decisions, { traceNumbers }));

  expect(remittances.map(({ payeeKey }) => payeeKey)).toEqual(['local:PROV_001', 'npi:', 'npi:1234567893']);
  const segments = segmentsOf(writeRemittance(fileOf(remittances.map(({ remittance }) => remittance))));
  expect(segments).toEqual(expect.arrayContaining(['N1*PE*PROV_001*FI*PROV_001', 'REF*PQ*PROV_001', 'N1*PE*UNKNOWN*XX*UNKNOWN', 'GE*3*7']));
  expect(() => assembleRemittances(cycleOf(decisions))).toThrow('no trace number');
});

test('a payer without an identifier, and one with its address', () => {
  const payer = { name: 'Payer A', street: '1 Main*Street', city: 'Albany', state: 'NY', zip: '12207', phone: '8005550100' };
  const remittance = one(cycleOf([aDecision()], { payer }));
  expect(segmentsOf(writeRemittance(fileOf([remittance])))).toEqual(
    expect.arrayContaining(['N3*1 Main Street', 'N4*Albany*NY*12207', 'PER*CX**TE*8005550100']),
  );
  const unknown = fileOf([{ ...remittance, payerId: '' }], { payerId: '', usage: 'test' });
  expect(writeRemittance(unknown)).toMatch(/^ISA\*00\* {10}\*00\* {10}\*ZZ\*UNKNOWN {8}\*.*\*T\*:~/);
  expect(segmentsOf(writeRemittance(unknown))).toContain('TRN*1*T1*UNKNOWN');
});

test('more than six adjustments of a group take another segment, and lines keep revenue codes, units and remarks', () => {
  const adjustments = Array.from({ length: 7 }, (_, index) => ({ group: 'CO', carc: String(100 + index), cents: 100 }));
  const line = { chargeCents: 700, allowedCents: 0, paidCents: 0, patientCents: 0, adjustments };
  const decision = aDecisionOf(
    [
      aDecidedLine({
        ...line,
        line: 1,
        procedureCode: '',
        revenueCode: '0450',
        modifiers: [],
        unitsThousandths: 1_500,
        rarc: ['M79', 'N130'],
      }),
      aDecidedLine({ ...line, line: 2, procedureCode: '', revenueCode: '', modifiers: [], serviceFrom: 19_790 }),
      aDecidedLine({ ...line, line: 3, procedureCode: '99284', revenueCode: '0450', modifiers: [] }),
    ],
    { outcome: 'denied' },
  );
  const segments = segmentsOf(writeRemittance(fileOf([one(cycleOf([decision]))])));

  expect(segments.filter((segment) => segment.startsWith('SVC'))).toEqual([
    'SVC*NU:0450*7.00*0.00**1.5',
    'SVC*ER:NONE*7.00*0.00**1',
    'SVC*HC:99284*7.00*0.00*0450*1',
  ]);
  expect(segments.filter((segment) => segment.startsWith('CAS')).slice(0, 2)).toEqual([
    'CAS*CO*100*1.00**101*1.00**102*1.00**103*1.00**104*1.00**105*1.00',
    'CAS*CO*106*1.00',
  ]);
  expect(segments).toEqual(expect.arrayContaining(['LQ*HE*M79', 'LQ*HE*N130', 'DTM*472*20240308']));
});

test('text that X12 cannot hold does not break a segment', () => {
  const decision = aDecision({ claimId: 'CLM*1~é:', patientToken: 't1.a\nb', placeOfService: '' });
  const segments = segmentsOf(writeRemittance(fileOf([one(cycleOf([decision]))])));
  expect(segments.find((segment) => segment.startsWith('CLP'))).toMatch(
    /^CLP\*CLM 1 e\.dcb41f87ae94d9c7\*1\*150\.00\*64\.00\*36\.00\*ZZ\*[0-9a-f]{32}\*\*1$/,
  );
  expect(segments).toContain('NM1*QC*1*t1.a b*****MI*t1.member-one');
});

const balanced = one(cycleOf([aDecision()]));
const withClaim = (changed: Partial<RemittedClaim>, of: Partial<Remittance> = {}): Remittance => ({
  ...balanced,
  claims: [{ ...balanced.claims[0]!, ...changed }],
  ...of,
});

test.each<readonly [string, Remittance, readonly string[]]>([
  ['a payment that is right', balanced, []],
  ['the total', { ...balanced, paidCents: 6_401 }, ['payment ST 1 6400≠6401']],
  ['PLB', { ...balanced, providerAdjustments: [{ code: 'FB', reference: 'T0', cents: 1 }] }, ['payment ST 1 6399≠6400']],
  ['a claim’s charge', withClaim({ chargeCents: 15_001 }), ['claim ST 1 / CLP 1 6401≠6400', 'claim ST 1 / CLP 1 15000≠15001']],
  [
    'an adjustment of the claim that its lines do not know',
    withClaim({ adjustments: [{ group: 'CO', carc: '45', cents: 5 }] }),
    ['claim ST 1 / CLP 1 6395≠6400', 'claim ST 1 / CLP 1 6395≠6400'],
  ],
  [
    'a service',
    withClaim({ lines: [{ ...balanced.claims[0]!.lines[0]!, adjustments: [] }] }),
    ['claim ST 1 / CLP 1 15000≠6400', 'service ST 1 / CLP 1 / SVC 1 15000≠6400'],
  ],
  [
    'a reversal with the sign of what it takes back',
    withClaim({ status: 'reversal', takesBack: { chargeCents: 15_000, paidCents: 6_400 } }),
    ['reversal-sign ST 1 / CLP 1 -15000≠15000'],
  ],
  [
    'a negative payment',
    { ...balanced, paidCents: -100, providerAdjustments: [{ code: 'FB', reference: 'T0', cents: 6_500 }] },
    ['negative-payment ST 1 0≠-100'],
  ],
  ['a payment without claims', { ...balanced, claims: [], paidCents: 0 }, ['no-claims ST 1 0≠0']],
])('what is wrong is told with its place: %s', (_name, remittance, problems) => {
  expect(checkRemittance(remittance).map(({ rule, where, expectedCents, actualCents }) => `${rule} ${where} ${expectedCents}≠${actualCents}`)).toEqual(problems); // prettier-ignore
  if (problems.length === 0) return;
  expect(() => writeRemittance(fileOf([balanced, remittance]))).toThrow(expect.objectContaining({ code: 'UNBALANCED_REMITTANCE' }));
});

test('an amount that is no whole number of cents is never written', () => {
  const halves = { ...balanced, paidCents: 0.5, providerAdjustments: [{ code: 'FB', reference: 'T0', cents: 6_399.5 }] };
  expect(() => writeRemittance(fileOf([halves]))).toThrow(/no whole number of cents/);
});

test('the vector of the implementation guide balances: 150000.00 = 149998.73 − (−1.27)', () => {
  const claim = (cents: number, paidCents: number): RemittedClaim => ({
    ...balanced.claims[0]!,
    chargeCents: cents,
    paidCents,
    lines: [],
    adjustments: [{ group: 'CO', carc: '45', cents: cents - paidCents }],
  });
  const vector = {
    ...balanced,
    paidCents: 15_000_000,
    claims: [claim(21_136_697, 13_801_840), claim(1_500_000, 1_198_033)],
    providerAdjustments: [{ code: 'CV', reference: 'CP', cents: -127 }],
  };
  expect(checkRemittance(vector)).toEqual([]);
  expect(checkRemittance({ ...vector, providerAdjustments: [] })).toMatchObject([{ expectedCents: 14_999_873, actualCents: 15_000_000 }]);
});

test('segments are found by their place, not by what stands in a name', () => {
  const named = cycleOf([aDecision(), aDecision({ decisionId: 'd2' })], {
    patientOf: () => ({ lastName: 'MARIEA', firstName: 'ISA', memberId: 'IEA' }),
  });
  const { files, problems } = readRemittance(writeRemittance(fileOf([one(named)])));
  expect(problems).toEqual([]);
  expect(files[0]?.remittances[0]?.claims.map(({ patient }) => patient.lastName)).toEqual(['MARIEA', 'MARIEA']);
});

test('what other payers write and we never do is read, too', () => {
  const text = writeRemittance(fileOf([one(cycleOf([aDecision()]))]));
  const changed = text
    .replace('CLP*CLM_1*1*', 'CLP*CLM_1*20*')
    .replace('N1*PE', 'N3*1 MAIN STREET~\nN4*ALBANY*NY*12207~\nPER*BL*DESK*EM*a~\nN1*XX*OTHER~\nN1*PE')
    .replace('LX*1', 'N3*2 SIDE STREET~\nN4*TROY*NY*12180~\nREF*2U*NOT THE PAYER~\nLX*1')
    .replace('SVC*HC:99213:25*150.00*64.00**1', 'NM1*82*1*DOE~\nREF*1L*GROUP~\nDTM*999*20240101~\nAMT*ZZ*1~\nSVC*ER:XYZ:26*150.00*64.00')
    .replace('DTM*472*20240315', 'DTM*150*20240315~\nDTM*151*20240316~\nLQ*RX*1~\nAMT*ZZ*1~\nQTY*ZS*1');
  const [remittance] = readRemittance(changed).files[0]!.remittances;

  expect(remittance).toMatchObject({
    payerId: 'PAYER_A',
    payer: { street: '1 MAIN STREET', city: 'ALBANY' },
    payee: { name: '1234567893' },
  });
  expect(remittance!.claims[0]).toMatchObject({
    status: 'secondary',
    lines: [{ procedureCode: '', revenueCode: '', modifiers: ['26'], unitsThousandths: 1_000, serviceFrom: 19_797, rarc: [] }],
  });
});

test('an envelope that counts wrong is told, and text that is none is refused', () => {
  const text = writeRemittance(fileOf([balanced]));
  const rulesOf = (changed: string) => readRemittance(changed).problems.map(({ rule, where }) => `${rule} ${where}`);

  expect(rulesOf(text)).toEqual([]);
  expect(rulesOf(`\uFEFF${text.replaceAll('\n', '\r\n')}${text}`)).toEqual([]);
  expect(rulesOf(text.replace('SE*21', 'SE*22'))).toEqual(['segment-count ST 1']);
  expect(rulesOf(text.replace('SE*21*0001', 'SE*21*0002'))).toEqual(['control-number ST 1']);
  expect(rulesOf(text.replace('GE*1*7', 'GE*2*8'))).toEqual(['transaction-count GS', 'control-number GS']);
  expect(rulesOf(text.replace('IEA*1*000000007', 'IEA*2*000000008'))).toEqual(['group-count ISA', 'control-number ISA']);
  expect(rulesOf(text.replace('BPR*I*64.00', 'BPR*I*64.005'))).toEqual(['bad-amount ST 1 / BPR']);
  expect(rulesOf(text.slice(0, text.indexOf('IEA')))).toEqual(['unclosed ISA']);
  for (const broken of [
    'hello',
    'ISA*00',
    text.replace('ST*835', 'ST*837'),
    `${text.slice(0, 107)}ST*835*0001~\nSE*2*0001~\nIEA*0*000000007~\nST*835*1~`,
  ]) {
    expect(() => readRemittance(broken)).toThrow(expect.objectContaining({ code: 'BAD_REMITTANCE' }));
  }
});

test('a reversal is compared with the sign of what it takes back, not with zero', () => {
  // A charge of −150.00 that was denied: what takes it back is positive.
  const denied = aDecision({
    outcome: 'denied',
    chargeCents: -15_000,
    allowedCents: 0,
    paidCents: 0,
    patientCents: 0,
    lines: [aDecidedLine({ chargeCents: -15_000, allowedCents: 0, paidCents: 0, patientCents: 0, denied: true, adjustments: [{ group: 'CO', carc: '16', cents: -15_000 }] })], // prettier-ignore
  });
  const reversal = aReversalOf(denied, 's2');
  const originals = new Map([[denied.decisionId, denied]]);
  expect(checkRemittance(one(cycleOf([reversal], { originals })))).toEqual([]);
  expect(checkRemittance(one(cycleOf([denied, reversal])))).toEqual([]);
  expect(heldBack([denied, reversal], originals)).toEqual(new Map());

  const repeated = { ...reversal, chargeCents: -15_000, lines: denied.lines };
  expect(checkRemittance(one(cycleOf([denied, repeated])))).toMatchObject([{ rule: 'reversal-sign', expectedCents: 15_000, actualCents: -15_000 }]);
}); // prettier-ignore

test('with a wrong decision everything of its claim is held back, and nothing else', () => {
  const wrong = aDecision({ decisionId: 'd1', submissionId: 's1', lines: [aDecidedLine({ paidCents: 6_401 })] });
  const reversal = aReversalOf(wrong, 's2', { decisionId: 'r1', chargeCents: -15_000, lines: aReversalOf(aDecision(), 's2').lines });
  const correction = aDecision({ decisionId: 'd2', submissionId: 's2' });
  const voided = aReversalOf(correction, 's3', { decisionId: 'r2' });
  const other = aDecision({ decisionId: 'd4', submissionId: 's4' });
  const originals = new Map([['d1', wrong], ['d2', correction]]); // prettier-ignore

  expect(heldBack([other, wrong, reversal, correction, voided], originals)).toEqual(
    new Map([['d1', 'claim'], ['r1', 'same-claim'], ['d2', 'same-claim'], ['r2', 'same-claim']]),
  ); // prettier-ignore
  expect(heldBack([other, aReversalOf(aDecision(), 's9', { decisionId: 'r9' })], new Map())).toEqual(
    new Map([['r9', 'reversal-of-unknown']]),
  );
});

const clp01Of = (claimId: string): string => {
  const [, id = ''] = /^CLP\*([^*]*)\*/m.exec(writeRemittance(fileOf([one(cycleOf([aDecision({ claimId })]))]))) ?? [];
  return id;
};
const long = 'L'.repeat(40);

test.each([
  ['of which one is longer than CLP01 takes', `${long}1`, `${long}2`],
  ['that differ in a delimiter', 'CLM*1', 'CLM 1'],
  ['that differ in two delimiters', 'CLM*1', 'CLM:1'],
  ['that differ in a letter X12 has not', 'CLM漢', 'CLM字'],
  ['that differ in a space at the end', 'CLM_1 ', 'CLM_1'],
  ['of which one looks like the short form of the other', `${long}1`, clp01Of(`${long}1`)],
])('two claim ids %s are never one, and both read back whole', (_what, first, second) => {
  expect(clp01Of(first)).not.toBe(clp01Of(second));
  for (const claimId of [first, second]) {
    expect(clp01Of(claimId)).toMatch(/^[\x20-\x7e]{1,38}$/);
    expect(clp01Of(claimId)).toBe(clp01Of(claimId));
    const text = writeRemittance(fileOf([one(cycleOf([aDecision({ claimId }), aDecision()]))]));
    const { files, problems } = readRemittance(text);
    expect(problems).toEqual([]);
    expect(files[0]!.remittances[0]!.claims.map((claim) => claim.claimId)).toEqual([claimId, 'CLM_1']);
  }
});

test('an id that CLP01 holds is told as it is, without more', () => {
  const text = writeRemittance(fileOf([one(cycleOf([aDecision({ claimId: 'C'.repeat(38) })]))]));
  expect(text).toContain(`CLP*${'C'.repeat(38)}*1*`);
  expect(text).not.toContain('REF*D9');
});

test('the whole id of another payer’s file is believed only where it belongs to CLP01', () => {
  const text = writeRemittance(fileOf([one(cycleOf([aDecision()]))]));
  for (const told of ['OTHER', '%E0%A4%A'])
    expect(readRemittance(text.replace('DTM*232', `REF*D9*${told}~\nDTM*232`)).files[0]!.remittances[0]!.claims[0]!.claimId).toBe('CLM_1');
}); // prettier-ignore

test('two payees or members whose identifiers differ in a delimiter are not one either', () => {
  const idsOf = (providerId: string, memberToken: string) => {
    const decision = aDecision({ providerId, providerIdType: 'local', memberToken });
    const text = writeRemittance(fileOf([one(cycleOf([decision], { traceNumbers: new Map([[`local:${providerId}`, 'T1']]) }))]));
    return [/^REF\*PQ\*(.*)~/m.exec(text)![1], /\*MI\*(.*)~/.exec(text)![1]];
  };
  const [first, second] = [idsOf('P*1', 'M^1'), idsOf('P:1', 'M~1')];
  expect(first[0]).not.toBe(second[0]);
  expect(first[1]).not.toBe(second[1]);
});
