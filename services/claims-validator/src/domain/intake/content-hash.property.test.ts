import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aParsedClaim, aPerson } from '../../../test-support/parsed-claims.ts';
import { aLine } from '../../../test-support/records.ts';
import { bytesHashOf } from './bytes-hash.ts';
import { canonicalText } from './canonical-text.ts';
import { claimTokenMaker } from './claim-tokens.ts';
import { contentHashOf } from './content-hash.ts';

const key = { id: 't1', secret: Buffer.alloc(32, 1) };
const hashOf = (change: Parameters<typeof aParsedClaim>[0] = {}, under = key): string =>
  contentHashOf(aParsedClaim(change), claimTokenMaker(under)(aParsedClaim(change)), under);

const shuffled = (value: unknown, seed: number): unknown => {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, shuffled(member, seed)] as const);
  return Object.fromEntries(
    entries.sort(([a], [b]) => ((a.length * seed + a.charCodeAt(0)) % 7) - ((b.length * seed + b.charCodeAt(0)) % 7)),
  );
};

test('the order of members makes no difference, at any depth', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string(),
        fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).match(/true|false/)),
      ),
      fc.integer({ min: 1, max: 50 }),
      (members, seed) => {
        expect(canonicalText(shuffled(members, seed) as object)).toBe(canonicalText(members));
      },
    ),
  );
});

test('texts that differ in any way give another text: no content imitates structure', () => {
  expect(canonicalText({ a: '1:b' })).not.toBe(canonicalText({ a: '1', b: '' }));
  expect(canonicalText({ a: ['x', 'y'] })).not.toBe(canonicalText({ a: ['xy'] }));
  expect(canonicalText({ a: '1' })).not.toBe(canonicalText({ a: 1 }));
});

test('what says nothing makes no difference, so that a member added later leaves old hashes as they were', () => {
  expect(canonicalText({ a: 1, b: null, c: '', d: [] })).toBe(canonicalText({ a: 1 }));
  expect(canonicalText({ a: 1, b: 0 })).not.toBe(canonicalText({ a: 1 }));
});

test('how a claim came makes no difference to its content', () => {
  expect(hashOf({ format: 'cms-eob' })).toBe(hashOf());
  expect(hashOf()).toMatch(/^[0-9a-f]{32}$/);
});

test.each<[string, Parameters<typeof aParsedClaim>[0]]>([
  ['the total', { totalCents: 15_001 }],
  ['a charge', { lines: [aLine({ chargeCents: 15_001 })] }],
  ['units', { lines: [aLine({ unitsThousandths: 2000 })] }],
  ['the order of modifiers', { lines: [aLine({ modifiers: ['25', '59'] })] }],
  ['a second line', { lines: [aLine(), aLine({ line: 2 })] }],
  ['the day', { serviceFrom: 19_798 }],
  ['the provider', { providerId: 'PROV_002' }],
  ['the patient', { patient: aPerson({ id: 'PAT_2' }) }],
  ['the patient’s sex', { patient: aPerson({ sex: 'male' }) }],
  ['the holder’s birth', { subscriber: aPerson({ birthDate: 0 }) }],
  [
    'what a payer paid before',
    { priorPayers: [{ payerId: 'A', sequence: 'P', allowedCents: null, paidCents: 1, patientCents: null, adjustments: [] }] },
  ],
  ['a revenue code', { lines: [aLine({ revenueCode: '0450' })] }],
  ['a diagnosis', { diagnosisCodes: ['E119'] }],
  ['the patient’s name', { patient: aPerson({ lastName: 'Roe' }) }],
  ['the policy', { policyNumber: 'POL_1' }],
  ['the day of receipt', { receivedOn: 19_800 }],
  ['what could not be read', { problems: [{ level: '2', code: 'BAD_AMOUNT', field: 'amount', line: 1 }] }],
  ['its kind', { frequency: 'void' }],
])('%s makes a difference', (_what, change) => {
  expect(hashOf(change)).not.toBe(hashOf());
});

test('nobody without the key can try out patients until the hash fits', () => {
  expect(hashOf({}, { id: 't1', secret: Buffer.alloc(32, 9) })).not.toBe(hashOf());
});

test('the bytes of a claim have one hash by themselves and in their envelope, and another with another context', () => {
  const [content, nothing] = [Buffer.from('{"claim_id":"A"}'), Buffer.alloc(0)];

  expect(bytesHashOf({ content, context: nothing })).toBe(bytesHashOf(content));
  expect(bytesHashOf({ content, context: Buffer.from('GS') })).not.toBe(bytesHashOf(content));
  expect(bytesHashOf({ content: Buffer.from('bc'), context: Buffer.from('a') })).not.toBe(
    bytesHashOf({ content: Buffer.from('c'), context: Buffer.from('ab') }),
  );
});
