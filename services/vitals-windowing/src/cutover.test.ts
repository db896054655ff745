import { expect, test } from '@jest/globals';
import { topics, type AlertRaised, type ReadingAccepted } from '@vigil/contracts';
import { adoptedTasks, adoptRun as adoptState, systemEngineClock, type KafkaClient } from '@vigil/kafka';
import { aReading, healthy, tenOClock } from '../test-support/a-reading.ts';
import { createCutoverWorld, cutoverRunId, type CutoverWorld } from '../test-support/cutover-world.ts';
import { cutOver } from './cut-over.ts';
import { rulesWith, settingsOf } from '../test-support/test-rules.ts';
import { adoptRun } from './handlers/adopt-run.ts';
import { createTopology } from './topology.ts';

const stage = 'vitals-windowing';
const [openInBoth, openLive, openInRun, well] = ['t1.both', 't1.live', 't1.run', 't1.well'];

/** Live a heart rate must come far inside its limit to clear, and a systolic pressure break its limit for long. */
const liveSettings = {
  VIGIL_ALARM_HYSTERESIS: 'heart_rate=30',
  VIGIL_ALARM_DELAY_MS: 'systolic=3600000',
  VIGIL_WINDOW_GRACE_MS: '60000',
};
const runSettings = { VIGIL_ALARM_DELAY_MS: 'heart_rate=30000', VIGIL_WINDOW_GRACE_MS: '300000' };

function readingsOf(from: number, to: number, change: (token: string, number: number) => Partial<ReadingAccepted>): ReadingAccepted[] {
  return Array.from({ length: to - from }, (_, index) => from + index).flatMap((number) =>
    [openInBoth, openLive, openInRun, well].map((patientToken) =>
      aReading({ ...healthy, ...change(patientToken, number), patientToken, at: tenOClock + number * 10_000 }),
    ),
  );
}

/** Sixteen minutes: three windows are final, some of them by the shorter grace only. */
const before = readingsOf(0, 100, (token, number) => {
  if (token === openInBoth && number >= 60) return { heartRate: 30 };
  if (token === openLive && number >= 40) return { heartRate: number < 60 ? 30 : 65 };
  return token === openInRun && number >= 70 ? { systolic: 60 } : {};
});
const after = readingsOf(100, 130, (token, number) => (token === openInRun && number < 110 ? { systolic: 60 } : {}));

const summaryOf = (alerts: readonly AlertRaised[]) =>
  alerts.map(({ patientToken, change, rule, vital, historic }) =>
    [patientToken, change, rule, vital, historic ? 'historic' : 'live'].join(' '),
  );

async function aWorld(): Promise<CutoverWorld> {
  const world = createCutoverWorld();
  await world.send(before);
  await Promise.all([world.runLive(liveSettings), world.runBeside(runSettings)]);
  return world;
}

const adopt = ({ registry }: CutoverWorld, client: KafkaClient, pages = false) => {
  const rules = rulesWith(runSettings);
  const adoption = adoptRun(rules, { pages, wholeFromMs: Number.NEGATIVE_INFINITY });
  return adoptState(createTopology(rules), adoption, { client, registry, clock: systemEngineClock, runId: cutoverRunId });
};

/** What was told since; partitions are read as they come. */
async function toldSince(world: CutoverWorld, known: readonly AlertRaised[]): Promise<string[]> {
  const endOf = ({ alertId, change }: AlertRaised): string => `${alertId} ${change}`;
  const before = new Set(known.map(endOf));
  return summaryOf((await world.alerts()).filter((alert) => !before.has(endOf(alert)))).sort();
}

async function expectBalanced(world: CutoverWorld, sent = before): Promise<void> {
  const rows = await world.ledger();
  const told = (topic: string): number => rows.reduce((sum, { outputs }) => sum + (outputs[topic] ?? 0), 0);
  expect(told(topics.alertRaised.name)).toBe((await world.alerts()).length);
  expect(told(topics.vitalsWindowClosed.name)).toBe((await world.windows()).length);
  const consumed = rows.filter(({ topic }) => topic === topics.vitalsReadingAccepted.name).reduce((sum, row) => sum + row.consumed, 0);
  expect(consumed).toBe(sent.length);
}

/** Each end of an episode and each revision of a window once. Returns the episodes that are open. */
async function expectToldOnce(world: CutoverWorld): Promise<string[]> {
  const ends = (await world.alerts()).map(({ alertId, change }) => `${alertId} ${change}`);
  expect(new Set(ends).size).toBe(ends.length);
  const revisions = (await world.windows()).map(({ windowId, vital, revision }) => `${windowId} ${vital} ${revision}`);
  expect(new Set(revisions).size).toBe(revisions.length);
  return ends.filter((end) => end.endsWith(' raised') && !ends.includes(end.replace('raised', 'cleared')));
}

test('a run takes the place of the live stage: what is open in one only is cleared or told, and nobody is paged by it', async () => {
  const world = await aWorld();
  const known = await world.alerts();
  const adopted = await adopt(world, world.client);
  const atCutover = await toldSince(world, known);

  expect(atCutover).toEqual([`${openLive} cleared limit-low heart_rate live`, `${openInRun} raised limit-low systolic historic`]);
  expect(adopted.reduce((sum, { outputs }) => sum + (outputs[topics.alertRaised.name] ?? 0), 0)).toBe(atCutover.length);
  await expectToldOnce(world);
  await expectBalanced(world);

  const afterCutover = await world.alerts();
  // Done once: calling it again finds the marks, also when the live stage has gone on.
  await world.send(after);
  await world.runLive(runSettings);
  expect(await adopt(world, world.client)).toEqual([]);
  expect(await adoptedTasks(world.client.admin, stage, cutoverRunId, topics.vitalsReadingAccepted.name)).toEqual(new Set([0, 1]));

  // The first reading that still breaks the limit raises what pages; what ended is cleared under the id that was raised.
  const later = await toldSince(world, afterCutover);
  expect(later).toContain(`${openInRun} cleared limit-low systolic historic`);
  expect(later).toContain(`${openInRun} raised limit-low systolic live`);
  expect(later).toContain(`${openInBoth} cleared limit-low heart_rate live`);
  expect(await expectToldOnce(world)).toEqual([]);
  await expectBalanced(world, [...before, ...after]);
});

test('the program that cuts over ends when all tasks are done', async () => {
  const world = await aWorld();
  const { client, registry } = world;
  const told: unknown[] = [];
  const log = { info: (_message: string, fields: object) => told.push(fields) };
  const settings = settingsOf({ ...runSettings, VIGIL_CUTOVER_RUN: cutoverRunId, VIGIL_CUTOVER_WHOLE_FROM_MS: '0' });
  const service = { client, registry, clock: systemEngineClock, log, settings, finish: () => told.push('end') };
  await cutOver(rulesWith(runSettings), cutoverRunId, service as unknown as Parameters<typeof cutOver>[2]);
  expect(told).toEqual([{ partition: 0, count: expect.any(Number) }, { partition: 1, count: expect.any(Number) }, 'end']);
  expect(await adopt(world, world.client)).toEqual([]);
});

test('rows of the live state that the run does not have are removed; a patient whom only the live stage knows stays', async () => {
  const world = createCutoverWorld();
  // Read by the live stage only, as it began earlier; and in narrower panes, whose rows are others.
  await world.send([aReading({ ...healthy, patientToken: 't1.early', at: tenOClock })]);
  await world.beginRunAt(await world.client.admin.stableOffsets(topics.vitalsReadingAccepted.name));
  await world.send(before);
  await Promise.all([world.runLive({ ...liveSettings, VIGIL_WINDOW_PANE_MS: '10000' }), world.runBeside(runSettings)]);
  const early = (await world.rows()).filter((key) => key.startsWith('t1.early'));
  expect(early.length).toBeGreaterThan(0);
  expect(await world.rows()).not.toEqual([...(await world.rowsOfRun()), ...early].sort());
  await adopt(world, world.client);
  expect(await world.rows()).toEqual([...(await world.rowsOfRun()), ...early].sort());
  // The log still holds what was there before: a start must not add it to what the run counted.
  expect(await world.panes()).toEqual({ 't1.early': [tenOClock], ...(await world.panesOfRun()) });
});

test('asked to page, it raises what only the run has open as of now', async () => {
  const world = await aWorld();
  const known = await world.alerts();
  await adopt(world, world.client, true);
  expect(await toldSince(world, known)).toContain(`${openInRun} raised limit-low systolic live`);
});

test('a run that stands elsewhere is refused, and nothing is written', async () => {
  const world = await aWorld();
  await world.send(after);
  await world.runLive(liveSettings);
  const rows = await world.rows();
  await expect(adopt(world, world.client)).rejects.toMatchObject({ code: 'CUTOVER_REFUSED' });
  expect(await world.rows()).toEqual(rows);
});

test('a run that began too late to know what the live state rests on is refused', async () => {
  const world = createCutoverWorld();
  await world.send(before);
  await world.beginRunAt([60, 60]);
  await Promise.all([world.runLive(liveSettings), world.runBeside(runSettings)]);
  const rows = await world.rows();
  const rules = rulesWith(runSettings);
  const { client, registry } = world;
  const cutover = (wholeFromMs: number) =>
    adoptState(createTopology(rules), adoptRun(rules, { pages: false, wholeFromMs }), {
      client,
      registry,
      clock: systemEngineClock,
      runId: cutoverRunId,
    });
  await expect(cutover(tenOClock + 30 * 10_000)).rejects.toMatchObject({ code: 'CUTOVER_REFUSED' });
  expect(await world.rows()).toEqual(rows);
});

test('killed at any moment it is gone on with, to the same end', async () => {
  const operations: string[] = [];
  const whole = await aWorld();
  await adopt(whole, whole.broker.connect({ hook: async (operation) => void operations.push(operation) }));
  const expected = { alerts: summaryOf(await whole.alerts()).sort(), windows: (await whole.windows()).length, rows: await whole.rows() };
  const isWrite = (operation: string): boolean => /^(fence|send|sendPositions|commit):/.test(operation);
  const writes = operations.flatMap((operation, index) => (isWrite(operation) ? [index] : []));
  expect(writes.length).toBeGreaterThan(20);

  for (const killAt of writes) {
    const world = await aWorld();
    let number = 0;
    const killed = world.broker.connect({
      hook: async () => {
        if (number++ >= killAt) throw new Error('killed');
      },
    });
    await expect(adopt(world, killed)).rejects.toThrow('killed');
    await adopt(world, world.broker.connect());
    const found = { alerts: summaryOf(await world.alerts()).sort(), windows: (await world.windows()).length, rows: await world.rows() };
    expect([operations[killAt], found]).toEqual([operations[killAt], expected]);
    await expectToldOnce(world);
    await expectBalanced(world);
  }
}, 120_000);
