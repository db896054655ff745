import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generate837 } from '@vigil/testing';
import { anInterchange, claim, header, institutionalClaim, subscriber } from '../../test-support/interchanges.ts';
import { nowMs, splitAll, type SplitResult } from '../../test-support/split-all.ts';
import { readClaim, splitClaims, type Piece } from '../index.ts';

/** Mutated inputs of a run: 5,000 in every test run, as many as VIGIL_FUZZ says otherwise. */
const mutations = Number(process.env['VIGIL_FUZZ'] ?? 5000);

const x12 = Buffer.concat([
  anInterchange({
    groups: [
      [
        [...header, ...subscriber, ...claim('A'), ...claim('B')],
        [...header, ...subscriber, ...claim('C')],
      ],
    ],
  }),
  anInterchange({ groups: [[[...header, ...subscriber, ...institutionalClaim]]], version: '005010X223A2', control: '000000002' }),
]);
const jsonClaim = (id: string): string =>
  JSON.stringify({
    claim_id: id,
    patient_id: 'P',
    service_date: '2024-03-15',
    services: [{ procedure_code: '99213', amount: 0.1, units: 3 }],
    total_amount: 0.3,
  });
const array = Buffer.from(`[${['A', 'B', 'C'].map(jsonClaim).join(',\n ')}]`);
const lines = Buffer.from(['A', 'B', 'C'].map(jsonClaim).join('\n'));
const rif = Buffer.from('BENE_ID|CLM_ID|CLM_FROM_DT|LINE_NUM\nB|A|30-May-2015|1\nB|A|30-May-2015|2\nB|C|30-May-2015|1\n');
const inputs = { x12, array, lines, rif };

const summaryOf = ({ claims, rejected, acknowledgements }: SplitResult): unknown => ({
  claims: claims.map(({ key, received }) => [
    key,
    received.ordinal,
    received.line,
    received.segment,
    String(received.content),
    String(received.context),
  ]),
  rejected: rejected.map(({ record }) => [record.rejectionId, record.sha256, record.claims, record.findings, String(record.content)]),
  acknowledgements: acknowledgements.map(({ type, bytes }) => [type, String(bytes)]),
});

test.each(Object.entries(inputs))('%s: whatever the chunks, the result is the same', async (_name, bytes) => {
  const whole = summaryOf(await splitAll(bytes));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length }), { maxLength: 12 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      const pieces: Piece[] = [];
      const source = (async function* () {
        yield* chunks;
      })();
      for await (const piece of splitClaims(source, { source: 'test', nowMs })) pieces.push(piece);
      const of = <Kind extends Piece['kind']>(kind: Kind) =>
        pieces.filter((piece): piece is Extract<Piece, { kind: Kind }> => piece.kind === kind);
      expect(
        summaryOf({
          claims: of('claim'),
          rejected: of('rejected'),
          acknowledgements: of('acknowledgement'),
          received: 0,
          rejectedClaims: 0,
        }),
      ).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('the claims of a generated interchange all come out, in their order, and read without a problem', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 25 }),
      async (seed, claims, claimsPerSet) => {
        const result = await splitAll(
          Buffer.concat([...generate837({ seed, claims, claimsPerSet, lineBreak: seed % 2 === 0 ? '' : '\r\n' })]),
        );
        expect(result.claims.map(({ key }) => Number(key.slice(3)))).toEqual(Array.from({ length: claims }, (_, index) => index));
        for (const { received } of result.claims) expect(readClaim(received)).toMatchObject({ ok: true, claim: { problems: [] } });
      },
    ),
    { numRuns: 40 },
  );
});

/** What happens to files: bytes change, vanish, come twice, are cut off, swap their places. */
const mutation = fc.record({
  kind: fc.constantFrom('change', 'remove', 'repeat', 'cut', 'insert', 'swap'),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  length: fc.integer({ min: 1, max: 40 }),
  byte: fc.constantFrom(...Buffer.from('~*:^\n\r"{}[],0A \\|\u0000'), 0xff, 0xef),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(bytes: Buffer, { kind, at, length, byte }: Mutation): Buffer {
  const from = Math.floor(at * bytes.length);
  const [before, piece, after] = [bytes.subarray(0, from), bytes.subarray(from, from + length), bytes.subarray(from + length)];
  switch (kind) {
    case 'change':
      return Buffer.concat([before, Buffer.of(byte), bytes.subarray(from + 1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.of(byte), piece, after]);
    case 'remove':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, piece, piece, after]);
    case 'swap':
      return Buffer.concat([before, after.subarray(0, length), piece, after.subarray(length)]);
    default:
      return before;
  }
}

const visible = (bytes: Buffer): number => bytes.reduce((count, byte) => count + (byte > 0x20 ? 1 : 0), 0);

/**
 * Bytes that stand in what came out, of an input of JSON or RIF: what is left over may be only brackets, commas and the header.
 */
function accounted({ claims, rejected }: SplitResult): number {
  const contents = [...claims.map(({ received }) => received.content), ...rejected.map(({ record }) => record.content)];
  return contents.reduce((sum, content) => sum + visible(content), 0);
}

const isas = x12.toString('latin1').match(/ISA[^~]*~/g) ?? [];

/** Claims of an interchange as a reader sees them who knows nothing of envelopes: CLM after a terminator. */
const claimsIn = (bytes: Buffer): number => (bytes.toString('latin1').match(/(?<=~\s*)CLM(?=[*~])/g) ?? []).length;

test(`of ${mutations} mutated inputs none stops the splitter or a reader, and every claim is accounted for`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(inputs)), fc.array(mutation, { minLength: 1, maxLength: 4 }), async (name, changes) => {
      const bytes = changes.reduce(mutate, inputs[name as keyof typeof inputs]);
      const result = await splitAll(bytes, { chunkBytes: 97 });
      for (const { received } of result.claims) readClaim(received);
      const ordinals = result.claims.map(({ received }) => received.ordinal);
      expect(ordinals).toEqual([...ordinals].sort((a, b) => a - b));
      // Nothing vanishes: what did not come out is brackets, commas, the mark of the encoding, the header or an envelope.
      if (name === 'array' || name === 'lines') {
        const marks = [...bytes].filter((byte) => byte === 0x5b || byte === 0x5d || byte === 0x2c || byte >= 0xef).length;
        expect(visible(bytes) - accounted(result)).toBeLessThanOrEqual(marks);
      }
      // Where both envelopes still begin as they did, every CLM is received or rejected, once.
      const isFramed =
        name === 'x12' &&
        bytes.indexOf(isas[0] ?? '') === 0 &&
        bytes.includes(isas[1] ?? '') &&
        result.rejected.every(({ record }) => record.scope !== 'file');
      if (isFramed) expect(result.received + result.rejectedClaims).toBe(claimsIn(bytes));
    }),
    { numRuns: mutations },
  );
}, 600_000);

test('of mutated interchanges whose envelope is whole every claim is received or rejected, exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 108, max: x12.length }), fc.integer({ min: 1, max: 30 }), async (from, length) => {
      const bytes = Buffer.concat([x12.subarray(0, from), x12.subarray(from + length)]);
      const result = await splitAll(bytes);
      if (result.rejected.some(({ record }) => record.scope === 'file')) return;
      expect(result.received + result.rejectedClaims).toBe(claimsIn(bytes));
    }),
    { numRuns: 1000 },
  );
});
