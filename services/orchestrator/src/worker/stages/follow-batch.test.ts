import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { processed, rejected } from '@vigil/core';
import { createValueEncoder, defineTopology, rawSource, systemStageClock, type KafkaClient } from '@vigil/kafka';
import { drive, type TopologyDriver } from '@vigil/testing';
import { aRequest } from '../worker-rig.fixture.ts';
import { followBatch } from './follow-batch.ts';
import { createLedgerFollower, type LedgerFollower } from './ledger-follower.ts';

const { vitalsReadingReceived, batchProgressed } = topics;
const step = { stage: 'device-ingest', topic: vitalsReadingReceived.name };
const stage = { steps: [step], told: 0 };
/** A stage on the engine itself: a value is taken or refused. */
const topology = defineTopology({
  name: step.stage,
  sources: [
    rawSource(vitalsReadingReceived, ({ value }) =>
      Buffer.isBuffer(value) && value.equals(Buffer.from('bad')) ? rejected('NOT_JSON') : processed(),
    ),
  ],
  sinks: [],
});
const record = (value: string, batch: string) => ({ key: 'k', value, headers: { 'vigil-batch-id': batch } });

/** The driver's broker has no timers: whoever reads without pause would leave nobody else a turn. */
const unhurried = (client: KafkaClient): KafkaClient => ({
  ...client,
  async openFetcher() {
    const fetcher = await client.openFetcher();
    return { ...fetcher, poll: async (waitMs) => sleep(2).then(() => fetcher.poll(waitMs)) };
  },
});

const followers: LedgerFollower[] = [];
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.close();
});

function follow(
  driver: TopologyDriver,
  over: { readonly written?: number | null; readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
) {
  const { written = 3, patienceMs = 60_000, signal = new AbortController().signal } = over;
  const client = unhurried(driver.broker.connect());
  const { registry } = driver;
  const world = { client, registry, clock: systemStageClock };
  const ledger = createLedgerFollower({ ...world, onTrouble: () => undefined });
  followers.push(ledger);
  const told: unknown[] = [];
  const result = followBatch(
    {
      request: aRequest({ batchId: 'b1' }),
      input: { before: { counts: {}, values: written === null ? {} : { outputs: { [step.topic]: written } }, ref: null } },
      signal,
      progress: (...words) => void told.push(words),
    },
    stage,
    { ...world, ledger, patienceMs, lookEveryMs: 10 },
  );
  // Who awaits it later must not be too late.
  result.catch(() => undefined);
  return { result, told };
}

test('a stage is done as soon as the ledger tells of all of the batch, whatever else it reads, also of what came before the follower', async () => {
  const driver = drive(topology);
  await driver.pipe(vitalsReadingReceived, record('good', 'b1'), record('good', 'other'));
  const { result, told } = follow(driver);
  await driver.pipe(vitalsReadingReceived, record('bad', 'b1'), record('good', 'b1'), record('good', 'b2'));

  expect(await result).toMatchObject({ counts: { consumed: 3, processed: 2, rejected: 1, duplicate: 0 } });
  expect(told.every((words) => (words as [unknown, string])[1] === 'ok')).toBe(true);
});

test('of an extraction that does not tell what it wrote over all its attempts the log is asked', async () => {
  const driver = drive(topology);
  await driver.pipe(vitalsReadingReceived, record('good', 'b1'), record('good', 'other'), record('bad', 'b1'), record('good', 'b1'));
  const { result } = follow(driver, { written: null });

  expect(await result).toMatchObject({ counts: { consumed: 3, processed: 2, rejected: 1 } });
});

test('records that were written and never accounted for, with nothing left to read, fail the task with the place', async () => {
  const driver = drive(topology);
  await driver.pipe(vitalsReadingReceived, record('good', 'b1'), record('good', 'b1'));
  const { result } = follow(driver, { written: 3, patienceMs: 30 });

  await expect(result).rejects.toMatchObject({
    code: 'STAGE_IMBALANCE',
    message: expect.stringContaining(
      'device-ingest on vitals.reading.received.v1: 3 records were written for this run and 2 consumed; no commit of it is wrong by itself.',
    ),
  });
});

test('a row whose dispositions do not add up fails the task at its offset', async () => {
  const driver = drive(topology);
  await driver.pipe(vitalsReadingReceived, record('good', 'b1'), record('good', 'b1'), record('good', 'b1'));
  const [row] = driver.ledger();
  const encode = createValueEncoder(batchProgressed.schema, driver.registry.register(batchProgressed.schema));
  const crooked = encode({ ...row, firstOffset: 7, lastOffset: 7, consumed: 1, processed: 0 });
  await driver.pipe(batchProgressed, { key: step.stage, value: crooked });
  const { result } = follow(driver, { written: 4, patienceMs: 30 });

  await expect(result).rejects.toMatchObject({
    code: 'STAGE_IMBALANCE',
    message: expect.stringContaining('the dispositions do not add up; its account breaks at partition 0, offset 7 (dispositions)'),
  });
});

test('a stage that still has something to read is behind, and is waited for', async () => {
  const driver = drive(topology);
  const stop = new AbortController();
  const producer = await driver.broker.connect().openIdempotentProducer();
  await driver.pipe(vitalsReadingReceived, record('good', 'b1'));
  // Written, and not read by the stage: the driver only runs when something is piped.
  await producer.send([{ topic: step.topic, partition: 0, key: null, value: Buffer.from('good'), headers: [], timestamp: null }]);
  const { result, told } = follow(driver, { written: 2, patienceMs: 20, signal: stop.signal });
  while (!told.some((words) => (words as [unknown, string])[1] === 'behind')) await sleep(5);
  stop.abort(new Error('cancelled'));

  await expect(result).rejects.toThrow('cancelled');
});
