import { expect, test } from '@jest/globals';
import type { CallVigil } from './call-vigil.ts';
import { claimFailuresOf, claimsEvidence } from './claims-evidence.ts';

const line = (paidCents: number, adjustments: readonly object[]) => ({ line: 1, chargeCents: 10_000, paidCents, adjustments });
const aClaim = (outcome: string, lines: readonly ReturnType<typeof line>[] = [], change: object = {}) => ({
  claimId: `C-${outcome}`,
  outcome,
  lines,
  chargeCents: lines.length * 10_000,
  paidCents: lines.reduce((sum, { paidCents }) => sum + paidCents, 0),
  pendReasons: [],
  ...change,
});
const paid = aClaim('paid', [line(8_000, [{ group: 'PR', carc: '3', cents: 2_000 }])]);
const denied = aClaim('denied', [line(0, [{ group: 'CO', carc: '29', cents: 10_000 }])]);
const pended = aClaim('pended', [], { pendReasons: [{ code: 'DATE_FORMAT' }] });

const inbox = { batchIds: ['b'], claims: 6, sent: 5, rejected: 1 };
/** Answers as the fleet gives them. */
const answering =
  (claims: readonly object[], balanced: boolean): CallVigil =>
  async <Document extends object>(args: readonly string[]): Promise<Document> => {
    const documents: Readonly<Record<string, object>> = {
      export: args.includes('835') ? { balanced, remittances: [] } : { claims },
      ledger: {
        stages: [
          { stage: 'claims-validator-intake', topic: 't', duplicate: 1, rejected: 1 },
          { stage: 'device-ingest', topic: 't', duplicate: 9, rejected: 9 },
        ],
      },
      explain: { decisions: [] },
    };
    return (documents[args[1] ?? ''] ?? documents[args[0] ?? '']) as Document;
  };
const evidenceOf = (claims: readonly object[], balanced = true) => claimsEvidence(inbox, { call: answering(claims, balanced), cycle: 'c' });

test('every claim of the inbox came to one end', async () => {
  const evidence = await evidenceOf([paid, denied, pended]);

  expect(evidence).toMatchObject({
    counts: { submitted: 6, paid: 1, denied: 1, pended: 1, reversed: 0, duplicates: 1, quarantined: 2, balanced: true },
    denials: { 'CO-29': 1 },
    pendReasons: { DATE_FORMAT: 1 },
    reasons: { 'PR-3': 2_000, 'CO-29': 10_000 },
  });
  expect(claimFailuresOf(evidence)).toEqual([]);
});

test('a claim that came to no end, and a line that does not balance, are failures', async () => {
  const torn = aClaim('paid', [line(8_000, [{ group: 'PR', carc: '3', cents: 1_999 }])]);
  const evidence = await evidenceOf([torn]);

  expect(claimFailuresOf(evidence)).toEqual(['6 claims were submitted and 4 came to an end', 'decisions about claims do not balance']);
  expect(claimFailuresOf(await evidenceOf([denied, denied, pended], false))).toEqual([
    'decisions about claims do not balance',
    'no claim was paid',
  ]);
  expect((await evidenceOf([])).explanation).toBe('no claim was decided');
  expect((await evidenceOf([aClaim('denied')])).denials).toEqual({ 'no line': 1 });
});
