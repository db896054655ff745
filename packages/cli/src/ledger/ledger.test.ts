import { expect, test } from '@jest/globals';
import { openLedger } from '@vigil/kafka';
import { balanceLedger, createLedgerBook, emptyTotals, type StageTotals } from '@vigil/contracts';
import { createMemoryFleet } from '../../test-support/memory-fleet.ts';
import { ledgerText } from '../commands/ledger.ts';
import { awaitBalance, type BalanceSources } from './await-balance.ts';

const received = 'vitals.reading.received.v1';
const accepted = 'vitals.reading.accepted.v1';
const changed = 'patients.patient.changed.v1';
const row = { stage: 'device-ingest', subStage: '', topic: received, partition: 0, firstOffset: 0, lastOffset: 9, batchId: null, consumed: 10, processed: 10, late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0, outputs: { [accepted]: 10 }, tablePositions: {}, committedAt: 0 }; // prettier-ignore
const did = (stage: string, topic: string, more: Partial<StageTotals>): StageTotals => ({ ...emptyTotals(stage, topic), ...more });
const lag = (group: string, topic: string, lagRecords = 0) => ({ group, topic, lagRecords });
const ingested = did('device-ingest', received, { consumed: 10, processed: 10, outputs: { [accepted]: 10 } });

test('a row that comes twice counts once; another place, sub-stage or batch is another row', () => {
  const book = createLedgerBook();
  for (const entry of [row, row, { ...row, partition: 1 }, { ...row, firstOffset: 10 }, { ...row, batchId: 'b' }, { ...row, batchId: 'b' }])
    book.enter(entry);
  book.enter({ ...row, subStage: 'tick', topic: '', consumed: 0, processed: 0 });

  expect(book.totals()).toEqual([
    did('device-ingest', received, { consumed: 40, processed: 40, outputs: { [accepted]: 40 } }),
    did('device-ingest', '', { outputs: { [accepted]: 10 } }),
  ]);
});

test('the ledger topic is read once and gone on with', async () => {
  const fleet = createMemoryFleet();
  const reader = await openLedger(fleet);
  expect(await reader.catchUp()).toEqual([]);

  await fleet.report(row, { ...row, firstOffset: 10 });
  expect(await reader.catchUp()).toEqual([did('device-ingest', received, { consumed: 20, processed: 20, outputs: { [accepted]: 20 } })]);

  await fleet.report({ ...row, firstOffset: 20 }, row);
  await fleet.write('lineage.batch.progressed.v1', [null]);
  await fleet.endInMarker('lineage.batch.progressed.v1', 0);
  expect((await reader.catchUp())[0]?.consumed).toBe(30);
  await reader.close();
});

test('a foreign record in the ledger topic is counted and passed over', async () => {
  const fleet = createMemoryFleet();
  const foreign = fleet.registry.register({ type: 'record', name: 'Foreign', fields: [] });
  await fleet.report(row);
  await fleet.write('lineage.batch.progressed.v1', [
    Buffer.of(0, 0, 0, 0, foreign),
    Buffer.from('nonsense'),
    Buffer.of(0, 0, 0, 0, 99, 1),
    Buffer.of(0, 0, 0, 0, 1, 1),
  ]);
  const reader = await openLedger(fleet);

  expect((await reader.catchUp())[0]?.consumed).toBe(10);
  expect(reader.unreadable()).toBe(4);
  fleet.registry.setAway(true);
  await fleet.write('lineage.batch.progressed.v1', [Buffer.of(0, 0, 0, 0, 77, 1)]);
  await expect(reader.catchUp()).rejects.toMatchObject({ code: 'REGISTRY_AWAY' });
});

test('a fleet whose ledger topic does not exist yet did nothing', async () => {
  const reader = await openLedger(createMemoryFleet({ without: ['lineage.batch.progressed.v1'] }));

  expect(await reader.catchUp()).toEqual([]);
  await reader.close();
});

test('a ledger that was never read can be closed', async () => {
  await expect((await openLedger(createMemoryFleet())).close()).resolves.toBeUndefined();
});

test('balanced: what was written to a topic is what each reader consumed', () => {
  const ledger = balanceLedger(
    [
      ingested,
      did('vitals-windowing', accepted, { consumed: 10, processed: 8, late: 2, lateCorrected: 1 }),
      did('vitals-windowing', '', {}),
    ],
    [lag('device-ingest', received), lag('vitals-windowing', accepted)],
  );

  expect(ledger).toMatchObject({ balanced: true, unaccounted: 0 });
});

test('stages stand in the order of the flow', () => {
  const unordered = [
    did('vitals-windowing', '', {}),
    did('vitals-windowing', accepted, {}),
    did('device-ingest', `${received}.device-ingest.retry`, {}),
    did('device-ingest', received, {}),
  ];

  expect(balanceLedger(unordered, []).stages.map(({ topic }) => topic)).toEqual([
    `${received}.device-ingest.retry`,
    received,
    accepted,
    '',
  ]);
});

test('a record that a reader never consumed is unaccounted for', () => {
  const ledger = balanceLedger(
    [ingested, did('vitals-windowing', accepted, { consumed: 9, processed: 9 })],
    [lag('vitals-windowing', accepted)],
  );

  expect(ledger).toMatchObject({ balanced: false, unaccounted: 1 });
  expect(ledger.stages.find(({ stage }) => stage === 'vitals-windowing')?.unaccounted).toBe(1);
});

test('a record that was consumed twice is unaccounted for, too', () => {
  expect(balanceLedger([ingested, did('vitals-windowing', accepted, { consumed: 11, processed: 11 })], [])).toMatchObject({
    unaccounted: 1,
  });
});

test('a reader that reported nothing owes everything that was written for it', () => {
  expect(balanceLedger([ingested], [lag('vitals-windowing', accepted)]).stages).toContainEqual({
    ...emptyTotals('vitals-windowing', accepted),
    unaccounted: 10,
  });
});

test('a record without a disposition, and one rejected that is not in quarantine, are unaccounted for', () => {
  const dlq = `${received}.device-ingest.dlq`;

  expect(balanceLedger([did('device-ingest', received, { consumed: 3, processed: 2 })], []).unaccounted).toBe(1);
  expect(
    balanceLedger([did('device-ingest', received, { consumed: 3, processed: 1, rejected: 2, outputs: { [dlq]: 1 } })], []).unaccounted,
  ).toBe(1);
  expect(balanceLedger([did('device-ingest', received, { consumed: 2, rejected: 2, outputs: { [dlq]: 2 } })], []).balanced).toBe(true);
});

test('a requeued record that is rejected again stands in the same quarantine', () => {
  const retried = did('device-ingest', `${received}.device-ingest.retry`, {
    consumed: 1,
    rejected: 1,
    outputs: { [`${received}.device-ingest.dlq`]: 1 },
  });

  expect(balanceLedger([retried], []).balanced).toBe(true);
});

test('where devices write, and on compacted topics, the reader owes what lies before it', () => {
  expect(balanceLedger([], [lag('device-ingest', received, 4), lag('device-ingest', received, 1)])).toMatchObject({
    unaccounted: 5,
    stages: [{ stage: 'device-ingest', topic: received, unaccounted: 5 }],
  });
  const registered = did('device-ingest', 'patients.record.received.v1', { consumed: 9, processed: 9, outputs: { [changed]: 9 } });
  const compacted = balanceLedger(
    [registered, did('vitals-windowing', changed, { consumed: 5, processed: 5 })],
    [lag('vitals-windowing', changed)],
  );
  expect(compacted.balanced).toBe(true);
});

interface World {
  lagRecords: number;
  consumed: number;
  openWindows: number;
}

/** Each look at the fleet finds the next state of it. */
function sourcesOf(states: readonly World[], closed: boolean): BalanceSources & { readonly slept: number[] } {
  let looks = 0;
  let ms = 0;
  const slept: number[] = [];
  const now = (): World => states[Math.min(looks, states.length) - 1] as World;
  return {
    slept,
    positions: async () => (looks++, [lag('vitals-windowing', accepted, now().lagRecords)]),
    totals: async () => [ingested, did('vitals-windowing', accepted, { consumed: now().consumed, processed: now().consumed })],
    openWindows: closed ? async () => now().openWindows : undefined,
    nowMs: () => ms,
    sleep: async (pause) => void (slept.push(pause), (ms += pause)),
  };
}

const behind = { lagRecords: 3, consumed: 7, openWindows: 2 };
const drained = { lagRecords: 0, consumed: 10, openWindows: 2 };

test('the answer comes as soon as everything is read and the last rows have arrived', async () => {
  const sources = sourcesOf([behind, { ...drained, consumed: 8 }, drained], false);

  expect(await awaitBalance(sources, 60_000)).toMatchObject({ drained: true, ledger: { balanced: true } });
  expect(sources.slept).toEqual([250, 250]);
});

test('with closed it waits for the windows, too', async () => {
  const sources = sourcesOf([drained, { ...drained, openWindows: 0 }], true);

  expect(await awaitBalance(sources, 60_000)).toMatchObject({ drained: true, ledger: { balanced: true } });
  expect(sources.slept).toHaveLength(1);
});

test('when the time is over the last answer there was is given', async () => {
  expect(await awaitBalance(sourcesOf([behind], false), 600)).toMatchObject({
    drained: false,
    ledger: { balanced: false, unaccounted: 3 },
  });
  expect(await awaitBalance(sourcesOf([drained], true), 0)).toMatchObject({ drained: false, ledger: { balanced: true } });
});

test('the text ends in the verdict', () => {
  expect(ledgerText(balanceLedger([did('vitals-windowing', '', {})], []))).toMatch(/\(time\)[^]*\nbalanced$/);
  expect(ledgerText(balanceLedger([ingested], [lag('vitals-windowing', accepted)]))).toMatch(/NOT balanced: 10 unaccounted$/);
});

test('sub-stages are lines under their stage, in the JSON fields of it, and owe nothing', () => {
  const subStages = [
    { subStage: 'validate', consumed: 10, processed: 7, suppressed: 3 },
    { subStage: 'enrich', consumed: 7, processed: 7, suppressed: 0 },
  ];
  const ledger = balanceLedger([{ ...ingested, subStages }], [lag('device-ingest', received)]);

  expect(ledger).toMatchObject({ balanced: true, unaccounted: 0, stages: [{ stage: 'device-ingest', consumed: 10, subStages }] });
  expect(
    ledgerText(ledger)
      .split('\n')
      .slice(1, 4)
      .map((line) => line.trim().split(/ +/)),
  ).toEqual([
    ['device-ingest', received, '10', '10', '0', '0', '0', '0', '0'],
    ['validate', '10', '7', '3'],
    ['enrich', '7', '7', '0'],
  ]);
});
