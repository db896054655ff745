import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { topics, type BatchProgressed, type TroubleRaised } from '@vigil/contracts';
import { systemClock, VigilError } from '@vigil/core';
import { createMemoryBroker, createMemoryRegistry, createValueEncoder, systemEngineClock, type MemoryBroker } from '@vigil/kafka';
import { countBatch } from './count-batch.ts';
import { createLedgerFollower, type FollowerOptions } from './ledger-follower.ts';
import { openStageWatch } from './stage-health.ts';

const { batchProgressed, lagObserved, troubleRaised } = topics;
const registry = createMemoryRegistry();
for (const { schema } of [batchProgressed, lagObserved, troubleRaised]) registry.register(schema);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function aBroker(): MemoryBroker {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const { name } of [batchProgressed, lagObserved, troubleRaised]) broker.createTopic(name, 1);
  return broker;
}

async function publish(broker: MemoryBroker, topic: (typeof topics)[keyof typeof topics], values: readonly object[]): Promise<void> {
  const producer = await broker.connect().openIdempotentProducer();
  const encode = createValueEncoder(topic.schema, registry.register(topic.schema));
  const headers = [['vigil-batch-id', Buffer.from('b1')]] as const;
  await producer.send(values.map((value) => ({ topic: topic.name, partition: 0, key: Buffer.from('k'), value: encode(value), headers, timestamp: null }))); // prettier-ignore
}

let offset = 0;
/** A commit of one record that was processed. */
const aRow = (batchId: string | null, given: Partial<BatchProgressed> = {}) => ({
  stage: 's', topic: 't', partition: 0, firstOffset: offset, lastOffset: offset++, batchId, consumed: 1, processed: 1, late: 0, duplicate: 0,
  rejected: 0, suppressed: 0, outputs: {}, committedAt: Date.now(), ...given,
}); // prettier-ignore

function aFollower(broker: MemoryBroker, given: Partial<FollowerOptions> = {}, faults: VigilError[] = []) {
  const client = broker.connect({
    hook: async (operation) => {
      const fault = operation === 'stableOffsets' ? faults.shift() : undefined;
      if (fault) throw fault;
    },
  });
  const follower = createLedgerFollower({ client, registry, clock: systemClock, onTrouble: () => undefined, ...given });
  closers.push(() => follower.close());
  return follower;
}
const consumed = (totals: readonly { readonly consumed: number }[]): number => totals.reduce((sum, one) => sum + one.consumed, 0);
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

test('an account counts each row of its batch once, and no other; all of them count for the whole', async () => {
  const broker = aBroker();
  const follower = aFollower(broker);
  const batch = await follower.follow('b1', 0);
  const changed = batch.changed();
  const row = aRow('b1');
  await publish(broker, batchProgressed, [row, row, aRow('b2'), aRow(null)]);
  await changed;
  await until(() => consumed(follower.totals()) === 3);

  expect(consumed(batch.totals())).toBe(1);
  batch.close();
});

test('a batch that was forgotten is read again when somebody asks; one that is followed is kept', async () => {
  const broker = aBroker();
  const follower = aFollower(broker, { keepBatches: 1 });
  const kept = await follower.follow('b1', 0);
  await publish(broker, batchProgressed, [aRow('b1'), aRow('b2'), aRow('b3'), aRow('b3')]);
  await until(() => consumed(follower.totals()) === 4);

  expect(consumed(kept.totals())).toBe(1);
  expect(consumed((await follower.follow('b2', Date.now() + 120_000)).totals())).toBe(1);
});

test('what came before the follower is read from where the batch began', async () => {
  const broker = aBroker();
  await publish(broker, batchProgressed, [aRow('b1'), aRow('b1')]);

  expect(consumed((await aFollower(broker).follow('b1', Date.now() - 1000)).totals())).toBe(2);
});

test('an account that could not be read is not taken for a whole one', async () => {
  const broker = aBroker();
  await publish(broker, batchProgressed, [aRow('b1')]);
  const faults: VigilError[] = [];
  const follower = aFollower(broker, {}, faults);
  await follower.follow('b0', 0);
  faults.push(new VigilError('KAFKA_AWAY'));

  await expect(follower.follow('b1', 0)).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  expect(consumed((await follower.follow('b1', 0)).totals())).toBe(1);
});

test('the watch of stages tells a trouble until it is cleared', async () => {
  const broker = aBroker();
  const trouble = {
    troubleId: 'x',
    kind: 'stage-halted',
    stage: 's',
    change: 'raised',
    raisedAt: 1,
    detectedAt: 1,
  } as unknown as TroubleRaised;
  await publish(broker, lagObserved, [{ group: 's', state: 'WARN', observedAt: Date.now() }]);
  await publish(broker, troubleRaised, [trouble]);
  const watch = openStageWatch({ client: broker.connect(), registry, clock: systemClock, onTrouble: () => undefined });
  closers.push(() => watch.close());
  await watch.caughtUp;

  expect([watch.healthOf('s'), watch.healthOf('other')]).toEqual(['stopped', undefined]);
  await publish(broker, troubleRaised, [{ ...trouble, change: 'cleared' }]);
  await until(() => watch.healthOf('s') === 'behind');
});

test('records of a batch are counted from where it began, or from all there are', async () => {
  const broker = aBroker();
  await publish(broker, batchProgressed, [aRow('b1'), aRow('b1')]);
  const count = (batchId: string, sinceMs: number) => countBatch(broker.connect(), batchProgressed.name, { batchId, sinceMs });

  expect([await count('b1', 0), await count('b1', Date.now() - 60_000), await count('b2', 0)]).toEqual([2, 2, 0]);
});
