import { expect, test } from '@jest/globals';
import { findingsOf, splitAll } from '../../test-support/split-all.ts';

const one = '{"claim_id":"A","note":"a } \\" { ] , b","nested":{"x":[1,{"y":2}]}}';
const two = '{"claim_id":"B"}';
const pretty = JSON.stringify({ claim_id: 'P', services: [{ procedure_code: '99213' }, { procedure_code: '99214' }] }, null, 2);
const flat = pretty.replaceAll(/^ +/gm, '');

const contents = async (text: string, chunkBytes?: number): Promise<string[]> =>
  (await splitAll(text, chunkBytes === undefined ? {} : { chunkBytes })).claims.map(({ received }) => received.content.toString());

test.each([
  ['one object', one, [one]],
  ['one object with line breaks around it', `\n\n ${one}\n`, [one]],
  ['an array', `[${one},${two}]`, [one, two]],
  ['an array with blanks', `[\n  ${one} ,\n\t${two}\n]\n`, [one, two]],
  ['an empty array', '[]', []],
  ['an array of pretty objects', `[${pretty},\n${pretty}]`, [pretty, pretty]],
  ['one object a line', `${one}\n${two}\n`, [one, two]],
  ['lines that end in CR LF, with empty ones', `${one}\r\n\r\n${two}`, [one, two]],
  ['one pretty object', pretty, [pretty]],
  ['pretty objects one after the other', `${pretty}\n${pretty}\n`, [pretty, pretty]],
  ['a pretty object whose lines all begin at the left', flat, [flat]],
  ['objects one after the other on a line', `${one}${two}`, [one, two]],
  ['two arrays one after the other', `[${one}]\n[${two}]`, [one, two]],
  ['a byte-order mark', `\ufeff[${one}]`, [one]],
  ['nothing', ' \n', []],
])('%s: each value leaves byte for byte', async (_what, text, values) => {
  expect(await contents(text)).toEqual(values);
  // However the bytes come.
  expect(await contents(text, 1)).toEqual(values);
  expect(await contents(text, 7)).toEqual(values);
});

test('a claim is known by its id and its line, one without an id by its bytes', async () => {
  const { claims } = await splitAll(`${one}\n\n{"claim_id":7}\n{"claim_id":""}`);
  expect(claims.map(({ key, received }) => [key, received.line, received.ordinal])).toEqual([
    ['A', 1, 0],
    [expect.stringMatching(/^[0-9a-f]{32}$/), 3, 1],
    [expect.stringMatching(/^[0-9a-f]{32}$/), 4, 2],
  ]);
  expect(claims[1]?.received).toMatchObject({ format: 'json', source: 'test', segment: null, interchangeControl: null });
  const lines = await splitAll(`[\n${pretty},\n${two}]`);
  // The pretty object begins on line 2 and has 10 lines.
  expect(lines.claims.map(({ received }) => received.line)).toEqual([2, 2 + pretty.split('\n').length]);
});

test.each([
  ['a line that breaks off', `${one}\n{"claim_id":"X","a":\n${two}\n`, [one, '{"claim_id":"X","a":', two]],
  ['a first line that breaks off', `{"claim_id":"X","a":"\n${two}\n${one}\n`, ['{"claim_id":"X","a":"', two, one]],
  ['an item that is no object', `[${one},17,"x, y",${two}]`, [one, '17', '"x, y"', two]],
  ['a pretty object that breaks off before the next', `${pretty.slice(0, -2)},\n${pretty}`, [`${pretty.slice(0, -2)},`, pretty]],
  ['text between lines', `${one}\nnonsense\n${two}`, [one, 'nonsense', two]],
  ['text between pretty objects', `${pretty}\nnonsense\n${pretty}`, [pretty, 'nonsense', pretty]],
])('%s leaves as it is, for quarantine, and the others are found', async (_what, text, values) => {
  expect(await contents(text)).toEqual(values);
  expect(await contents(text, 3)).toEqual(values);
});

test('what breaks off with the input is rejected, with all its bytes', async () => {
  const result = await splitAll(`[${one},{"claim_id":"X"`);
  expect(result.claims.map(({ key }) => key)).toEqual(['A']);
  expect(findingsOf(result)).toEqual(['NOT_JSON@0']);
  expect(result.rejected[0]?.record).toMatchObject({ scope: 'claim', claims: 1, line: 1, content: Buffer.from('{"claim_id":"X"') });
});

test.each([
  ['in an array', (large: string) => `[${one},${large},${two}]`],
  ['on a line', (large: string) => `${one}\n${large}\n${two}\n`],
])('a value above 4 MB %s is rejected in parts, its neighbours are taken', async (_where, place) => {
  const large = `{"claim_id":"L","note":"${'x'.repeat(9_000_000)}"}`;
  const result = await splitAll(place(large), { chunkBytes: 300_000 });

  expect(result.claims.map(({ key, received }) => [key, received.ordinal])).toEqual([
    ['A', 0],
    ['B', 2],
  ]);
  expect(result.rejectedClaims).toBe(1);
  expect(result.rejected.map(({ record }) => record.parts)).toEqual([0, 0, 3]);
  expect(Buffer.concat(result.rejected.map(({ record }) => record.content)).toString()).toBe(large);
  expect(result.rejected[0]?.record.findings[0]?.code).toBe('MESSAGE_TOO_LARGE');
});

test('a value a little above what a record holds is rejected although it comes in one piece', async () => {
  const large = `{"claim_id":"L","note":"${'x'.repeat(4 * 1024 * 1024 - 60_000)}"}`;
  const result = await splitAll(large);
  expect([result.received, result.rejectedClaims]).toEqual([0, 1]);
});

test('explanations of benefits are told from claims, and other resources are no claims', async () => {
  const eob = '{"resourceType":"ExplanationOfBenefitBase","CLM_UNIQ_ID":"E1"}';
  const result = await splitAll(`[${eob},{"resourceType":"Coverage"},${two}]`);
  expect(result.claims.map(({ key, received }) => [key, received.format])).toEqual([
    ['E1', 'cms-eob'],
    ['B', 'json'],
  ]);
  expect(findingsOf(result)).toEqual(['NOT_A_CLAIM@0']);
  expect(result.rejectedClaims).toBe(0);
});

test('what is no format at all is rejected as a file, with its bytes', async () => {
  const result = await splitAll('patient,amount\nA,1\n');
  expect(findingsOf(result)).toEqual(['UNKNOWN_FORMAT@0']);
  expect(result.rejected[0]?.record).toMatchObject({
    scope: 'file',
    format: 'unknown',
    claims: 0,
    content: Buffer.from('patient,amount\nA,1\n'),
  });
});
