import { expect, test } from '@jest/globals';
import {
  aSet,
  anInterchange,
  claim,
  header,
  institutionalClaim,
  oneClaim,
  subscriber,
  type SetBody,
} from '../../test-support/interchanges.ts';
import { findingsOf, splitAll } from '../../test-support/split-all.ts';

const dependent: SetBody = [
  'HL*3*2*23*0',
  'PAT*19',
  'NM1*QC*1*DOE*TED',
  'N3*1 MAIN STREET',
  'N4*SPRINGFIELD*OH*45501',
  'DMG*D8*20150301*M',
];
const otherPayer: SetBody = [
  'SBR*S*18*GRP9******CI',
  'CAS*PR*1*21.89**2*15',
  'AMT*D*39.15',
  'OI***Y*P**Y',
  'NM1*IL*1*DOE*JOHN****MI*JS00111',
  'NM1*PR*2*OTHER PLAN*****PI*99999',
  'REF*F8*123',
];
const [clm = '', hi = '', lx = '', sv1 = '', dtp = ''] = claim();
const whole = (...body: SetBody): SetBody => [...header, ...subscriber, ...body];

/** Every loop that the guides have, in their order. */
test.each<[string, SetBody]>([
  ['a dependent', [...header, ...subscriber, ...dependent, ...claim()]],
  ['names, notes and dates of a claim', whole(clm, 'DTP*439*D8*20260101', 'PWK*OZ*BM', 'CN1*02*150', 'AMT*F5*10', 'REF*G1*AUTH', 'K3*X', 'NTE*ADD*X', 'CR1*LB*140*A*DH*12', 'CRC*07*Y*01', hi, 'NM1*DN*1*A*B****XX*1234567893', 'REF*G2*1', 'NM1*82*1*A*B****XX*1234567893', 'PRV*PE*PXC*207Q00000X', 'NM1*77*2*A', 'N3*X', 'N4*MIAMI*FL*33111', lx, sv1, dtp)], // prettier-ignore
  ['other payers', whole(clm, hi, ...otherPayer, ...otherPayer, lx, sv1, dtp)],
  ['drugs, names, decisions and forms of a line', whole(clm, hi, lx, sv1, 'PWK*CT*AA', 'CR3*R*MO*99', dtp, 'QTY*PT*2', 'MEA*TR*HT*70', 'REF*6R*1', 'AMT*T*1', 'NTE*ADD*X', 'LIN**N4*01234567891', 'CTP****2*UN', 'REF*XZ*1', 'NM1*DK*1*A*B****XX*1234567893', 'N3*X', 'N4*MIAMI*FL*33111', 'SVD*99999*39.15*HC:99213**1', 'CAS*PR*1*21.89', 'DTP*573*D8*20260220', 'LQ*UT*04.03', 'FRM*1A**56', 'FRM*2**1', lx, sv1, dtp)], // prettier-ignore
])('%s stand where they may', async (_what, body) => {
  expect(findingsOf(await splitAll(aSet(body)))).toEqual([]);
});

test('an institutional claim stands where it may', async () => {
  const bytes = anInterchange({ groups: [[whole(...institutionalClaim)]], version: '005010X223A2' });
  const { claims } = await splitAll(bytes);
  expect(claims.map(({ received }) => received.format)).toEqual(['x12-837i']);
});

/** The claim is segment 18, its HI 19, LX 20, SV1 21, DTP 22. */
test.each<[string, SetBody, string]>([
  ['an identifier that X12 has not', whole(clm, hi, 'XYZ*1', lx, sv1, dtp), '999-IK3-1@20 XYZ'],
  ['no identifier', whole(clm, hi, '*1', lx, sv1, dtp), '999-IK3-1@20'],
  ['an identifier of four', whole(clm, hi, 'NM31*1', lx, sv1, dtp), '999-IK3-1@20'],
  ['an identifier in small letters', whole(clm, hi, 'lx*1', sv1, dtp), '999-IK3-1@20'],
  ['a line of an institutional claim', whole(clm, hi, lx, 'SV2*0300*HC:85025*150*UN*1', dtp), '999-IK3-2@21 SV2'],
  ['a segment of another loop', whole(clm, hi, lx, 'FRM*1*Y', sv1, dtp), '999-IK3-2@21 FRM'],
  ['an order turned round', whole(clm, lx, sv1, dtp, hi), '999-IK3-2@22 HI'],
  ['a date before its service', whole(clm, hi, lx, dtp, sv1), '999-IK3-7@22 SV1'],
  ['another payer after the lines', whole(clm, hi, lx, sv1, dtp, 'SBR*S*18'), '999-IK3-7@23 SBR'],
  ['a name after a decision', whole(clm, hi, lx, sv1, dtp, 'SVD*9999*1*HC:99213**1', 'NM1*82*1*A'), '999-IK3-7@24 NM1'],
  ['two services of a line', whole(clm, hi, lx, sv1, sv1, dtp), '999-IK3-5@22 SV1'],
  ['a name that no claim has', whole(clm, hi, 'NM1*QC*1*A', lx, sv1, dtp), '999-IK4-7@20 NM1 1'],
  ['a claim above the subscriber', [...header, ...claim()], '999-IK3-2@11 CLM'],
  ['a line above the claim', whole(lx, sv1, clm, hi), '999-IK3-2@18 LX'],
  ['the claim’s id is missing', whole(clm.replace('CLM1', ''), hi, lx, sv1, dtp), '999-IK4-1@18 CLM 1'],
  ['an amount is no number', whole(clm.replace('*150*', '*1.5.0*'), hi, lx, sv1, dtp), '999-IK4-6@18 CLM 2'],
  ['an amount is only a sign', whole(clm.replace('*150*', '*-*'), hi, lx, sv1, dtp), '999-IK4-6@18 CLM 2'],
  ['an amount is too long', whole(clm.replace('*150*', `*${'1'.repeat(21)}*`), hi, lx, sv1, dtp), '999-IK4-5@18 CLM 2'],
  ['another component separator', whole(clm.replace('11:B:1', '11>B>1'), hi, lx, sv1, dtp), '999-IK4-5@18 CLM 5:1'],
  ['a diagnosis without its code', whole(clm, 'HI*ABK', lx, sv1, dtp), '999-IK4-1@19 HI 1:2'],
  ['no diagnosis at all', whole(clm, 'HI', lx, sv1, dtp), '999-IK4-1@19 HI 1'],
  ['a pointer is no number', whole(clm, hi, lx, sv1.replace('1:2', '1:A'), dtp), '999-IK4-6@21 SV1 7:2'],
  ['a line number is no number', whole(clm, hi, 'LX*A', sv1, dtp), '999-IK4-6@20 LX 1'],
  ['a date’s kind is too short', whole(clm, hi, lx, sv1, 'DTP*47*D8*20260215'), '999-IK4-4@22 DTP 1'],
])('%s: the claim is rejected with its place', async (_what, body, finding) => {
  const result = await splitAll(aSet(body));
  expect(findingsOf(result)[0]).toBe(finding);
  expect([result.received, result.rejectedClaims]).toEqual([0, 1]);
});

const changedHeader = (from: string, to: string): SetBody => [...header.map((line) => line.replace(from, to)), ...subscriber, ...claim()];
const changedSubscriber = (from: string, to: string): SetBody => [
  ...header,
  ...subscriber.map((line) => line.replace(from, to)),
  ...claim(),
];

/** HL 20 is segment 6 of the set, HL 22 segment 11. */
test.each<[string, SetBody, string, string]>([
  ['HL01 does not begin with 1', changedHeader('HL*1**20', 'HL*2**20'), '999-IK4-7@6 HL 1', 'claim'],
  ['HL01 is not one more', changedSubscriber('HL*2*1', 'HL*5*1'), '999-IK4-7@11 HL 1', 'claim'],
  ['HL01 is no number', changedSubscriber('HL*2*1', 'HL*X*1'), '999-IK4-7@11 HL 1', 'claim'],
  ['HL02 is another than that above', changedSubscriber('HL*2*1', 'HL*2*9'), '999-IK4-7@11 HL 2', 'claim'],
  ['HL03 is no level of an 837', changedSubscriber('*22*0', '*24*0'), '999-IK4-7@11 HL 3', 'claim'],
  [
    'a dependent stands below no subscriber',
    [...header, ...dependent.map((line) => line.replace('HL*3*2', 'HL*2*')), ...claim()],
    '999-IK4-7@11 HL 2',
    'claim',
  ],
  ['the provider is named twice', [...header, ...(header[5] ? [header[5]] : []), ...subscriber, ...claim()], '999-IK3-4@11 NM1', 'claim'],
  ['an address stands twice', changedSubscriber('N3*1 MAIN STREET', 'N3*1 MAIN STREET~N3*1 MAIN STREET'), '999-IK3-5@15 N3', 'claim'],
  [
    'an address follows what it precedes',
    [...header.slice(0, 6), header[7] ?? '', header[6] ?? '', ...subscriber, ...claim()],
    '999-IK3-7@9 N3',
    'claim',
  ],
  ['the submitter’s name misses its kind', changedHeader('NM1*41*2*', 'NM1*41**'), '999-IK4-1@3 NM1 2', 'transaction'],
  ['the date of the header is none', changedHeader('20260301', '2026031X'), '999-IK4-8@2 BHT 4', 'transaction'],
])('%s', async (_what, body, finding, scope) => {
  const result = await splitAll(aSet(body.join('~').split('~')));
  expect(findingsOf(result)[0]).toBe(finding);
  expect(result.rejected.map(({ record }) => [record.scope, record.claims])).toEqual([[scope, 1]]);
});

test('of more than a hundred faults of a set the first hundred are told', async () => {
  const bad = Array.from({ length: 120 }, (_, index) => claim(`C${index}`).map((line) => line.replace('*150*', '*x*'))).flat();
  const result = await splitAll(aSet([...header, ...subscriber, ...bad]));
  expect(result.rejectedClaims).toBe(120);
  expect(result.acknowledgements[0]?.bytes.toString().match(/IK3/g)).toHaveLength(100);
});

test('of more than five thousand bad claims each is rejected, the last ones without their findings', async () => {
  const bad = Array.from({ length: 5100 }, (_, index) => [`CLM*C${index}*x***11:B:1`]).flat();
  const result = await splitAll(aSet([...header, ...subscriber, ...bad, ...claim('GOOD')]));
  expect([result.received, result.rejectedClaims]).toEqual([1, 5100]);
  expect(result.rejected.at(-1)?.record.findings[0]?.detail).toContain('more than are told');
});

test('a set that is right stays right with everything repeated', async () => {
  const many = Array.from({ length: 300 }, (_, index) => [`HL*${index + 2}*1*22*0`, ...subscriber.slice(1), ...claim(`C${index}`)]).flat();
  expect((await splitAll(aSet([...header, ...many]))).received).toBe(300);
  expect((await splitAll(aSet(oneClaim))).received).toBe(1);
});
