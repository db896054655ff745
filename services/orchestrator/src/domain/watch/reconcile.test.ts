import { expect, test } from '@jest/globals';
import { emptyTotals, type StageTotals } from '@vigil/contracts';
import { reconcile, startReconciliation, type Look, type Reconciliation } from './reconcile.ts';

const received = 'vitals.reading.received.v1';
const accepted = 'vitals.reading.accepted.v1';
const windowing = 'vitals-windowing';

const did = (stage: string, topic: string, more: Partial<StageTotals>): StageTotals => ({ ...emptyTotals(stage, topic), ...more });
const ingested = (written: number): StageTotals => did('device-ingest', received, { consumed: written, processed: written, outputs: { [accepted]: written } }); // prettier-ignore
const windowed = (consumed: number): StageTotals => did(windowing, accepted, { consumed, processed: consumed });

interface Seen {
  readonly written: number;
  readonly consumed: number;
  /** Offsets of `accepted` that windowing has passed, and the end; the same where it is caught up. */
  readonly position?: number;
  readonly end?: number;
}

const lookAt = (second: number, { written, consumed, end = written, position = end }: Seen): Look => ({
  atMs: second * 1000,
  positions: [{ group: windowing, topic: accepted, partition: 0, position, end }],
  totals: [ingested(written), windowed(consumed)],
});

/** Looks every 5 s with a patience of 30 s; what the last one found. */
function judge(seen: readonly Seen[], start: Reconciliation = startReconciliation(true)) {
  let state = start;
  let last: ReturnType<typeof reconcile> | undefined;
  for (const [index, one] of seen.entries()) {
    last = reconcile(state, lookAt(index * 5, one), 30_000);
    state = last.next;
  }
  return { imbalances: last?.imbalances ?? [], balanced: [...(last?.balanced ?? [])] };
}

const times = <Value>(count: number, of: (index: number) => Value): Value[] => Array.from({ length: count }, (_, index) => of(index));

test('what balances is balanced', () => {
  expect(judge(times(20, () => ({ written: 10, consumed: 10 })))).toEqual({
    imbalances: [],
    balanced: [`${windowing}|${accepted}`, `device-ingest|${received}`],
  });
});

test('a record that was passed over is an imbalance within 60 s', () => {
  const lost = times(12, () => ({ written: 10, consumed: 9 }));

  expect(judge(lost).imbalances).toEqual([{ stage: windowing, topic: accepted, unaccounted: 1, sinceMs: 10_000 }]);
  expect(judge(lost.slice(0, 8)).imbalances).toEqual([]);
});

test('a record that was consumed and never written is one, too', () => {
  expect(judge(times(12, () => ({ written: 10, consumed: 12 }))).imbalances).toMatchObject([{ unaccounted: 2 }]);
});

test('records in flight are none, however long the flow goes on', () => {
  const flow = times(200, (index) => ({ written: 1000 * index + 150, consumed: 1000 * index }));

  expect(judge(flow).imbalances).toEqual([]);
});

test('in a flow a loss shows that is larger than what is written between two looks', () => {
  const flow = times(40, (index) => ({ written: 100 * index + 5000, consumed: 100 * index }));

  expect(judge(flow).imbalances).toMatchObject([{ unaccounted: 4800 }]);
});

test('a stage that is behind owes nothing yet', () => {
  expect(judge(times(40, () => ({ written: 10, consumed: 4, position: 4 }))).imbalances).toEqual([]);
});

test('a ledger row that comes late is waited for', () => {
  const late = [...times(8, () => ({ written: 10, consumed: 7 })), ...times(3, () => ({ written: 10, consumed: 10 }))];

  expect(judge(late)).toMatchObject({ imbalances: [], balanced: expect.arrayContaining([`${windowing}|${accepted}`]) });
});

test('an account that was balanced between is counted anew', () => {
  const fits = { written: 10, consumed: 10 };
  const odd = { written: 10, consumed: 9 };

  expect(judge([...times(7, () => odd), ...times(3, () => fits), ...times(5, () => odd)]).imbalances).toEqual([]);
});

test('dispositions that do not add up are an imbalance of a stage that reads from outside, too', () => {
  const look = (index: number): Look => ({
    atMs: index * 5000,
    positions: [],
    totals: [did('device-ingest', received, { consumed: 10, processed: 8, rejected: 1 })],
  });
  let state = startReconciliation(true);
  let found = reconcile(state, look(0), 30_000);
  for (let index = 1; index < 12; index++) {
    state = found.next;
    found = reconcile(state, look(index), 30_000);
  }

  // One without disposition, and one rejected that no quarantine holds.
  expect(found.imbalances).toMatchObject([{ stage: 'device-ingest', topic: received, unaccounted: 2 }]);
});

test('what a ledger without its beginning owes from before is no imbalance; what is lost later is', () => {
  const whole = times(12, () => ({ written: 3, consumed: 10 }));

  expect(judge(whole, startReconciliation(false)).imbalances).toEqual([]);
  const lost = [...whole, ...times(12, () => ({ written: 13, consumed: 19 }))];
  expect(judge(lost, startReconciliation(false)).imbalances).toMatchObject([{ unaccounted: 1 }]);
});
