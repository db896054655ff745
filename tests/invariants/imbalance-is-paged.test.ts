import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileWriter, createWireEncoder, topics, type BatchProgressed } from '@vigil/contracts';
import { createKafkaClient, measurePositions, openLedger, systemEngineClock, type KafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { createTestDatabase, namespaced, type TestDatabase } from '@vigil/testing';
import { harnessTopics, registry, startHarness } from '../../services/alert-router/fixtures/router-harness.ts';
import { readRecordOffsets } from '../../services/orchestrator/src/adapters/watch/read-record-offsets.ts';
import { createTroubleLog, type TroubleLog } from '../../services/orchestrator/src/adapters/watch/trouble-log.ts';
import { watchLedger, type LedgerWatch, type LedgerWatchOptions } from '../../services/orchestrator/src/loops/watch/watch-ledger.ts';

let database: TestDatabase;
let connect: () => KafkaClient;

const received = topics.vitalsReadingReceived.name;
const accepted = topics.vitalsReadingAccepted.name;
const counted = { late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0, batchId: null, subStage: '', tablePositions: {} };

beforeAll(async () => {
  const { env } = await startStack();
  database = await createTestDatabase('vigil');
  const prefix = `imbalance-${randomBytes(4).toString('hex')}.`;
  connect = () => namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'imbalance-test' }), prefix);
  const client = connect();
  const names = [...harnessTopics, received, accepted];
  await client.admin.createTopics(names.map((name) => ({ name, partitions: 1, replicationFactor: 1, config: {} })));
  await client.close();
}, 60_000);
afterAll(() => database?.drop());

/** What two stages report about ten readings, of which the second consumed `consumed`. */
async function report(client: KafkaClient, ...rows: readonly Partial<BatchProgressed>[]): Promise<void> {
  const { name, schema } = topics.batchProgressed;
  const id = await registry.idOf('', schema);
  const encode = createWireEncoder();
  const write = compileWriter<Partial<BatchProgressed>>(schema);
  const producer = await client.openIdempotentProducer();
  await producer.send(
    rows.map((row) => ({ topic: name, partition: 0, key: null, value: encode(id, write, { ...counted, partition: 0, committedAt: Date.now(), ...row }), headers: [], timestamp: null })), // prettier-ignore
  );
  await producer.close();
}

async function passReadings(client: KafkaClient, first = 0, count = 10): Promise<void> {
  const producer = await client.openIdempotentProducer();
  await producer.send(
    [received, accepted].flatMap((topic) => Array.from({ length: count }, () => ({ topic, partition: 0, key: null, value: Buffer.from('reading'), headers: [], timestamp: null }))), // prettier-ignore
  );
  await producer.close();
  await client.admin.commitPositions('vitals-windowing', [{ topic: accepted, partition: 0, offset: first + count, metadata: '' }]);
}

function watching(client: KafkaClient, log: TroubleLog, patienceMs: number): LedgerWatch {
  return watchLedger({
    ...log,
    openLedger: (onRow) => openLedger({ client, registry, wants: (row) => (onRow(row), true) }),
    readOffsets: (stretches) => readRecordOffsets(client, stretches),
    positions: () => measurePositions({ client, sinkPositions: async () => [] }),
    isActive: () => true,
    clock: systemEngineClock,
    everyMs: 100,
    patienceMs,
    events: new Proxy({}, { get: () => () => undefined }) as LedgerWatchOptions['events'],
    forgetFigures: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
}

test('a reading that a stage passed over pages engineering, and the page ends when it is accounted for', async () => {
  const client = connect();
  const router = await startHarness({ databaseUrl: database.url, connect });
  await passReadings(client);
  await report(
    client,
    { stage: 'device-ingest', topic: received, firstOffset: 0, lastOffset: 9, consumed: 10, processed: 10, outputs: { [accepted]: 10 } },
    { stage: 'vitals-windowing', topic: accepted, firstOffset: 0, lastOffset: 8, consumed: 9, processed: 9, outputs: {} },
  );
  const log = createTroubleLog(client, registry);
  const watch = watching(client, log, 1000);

  const [page] = await router.accepted((list) => list.length >= 1);
  expect(page?.message['payload']).toMatchObject({ summary: 'Vigil itself: the ledger does not balance' });

  await report(client, {
    stage: 'vitals-windowing',
    topic: accepted,
    firstOffset: 9,
    lastOffset: 9,
    consumed: 1,
    processed: 1,
    outputs: {},
  });
  const all = await router.accepted((list) => list.length >= 2);
  expect(all.map(({ message }) => message['event_action'])).toEqual(['trigger', 'resolve']);
  expect((await log.told()).map(({ change, stage, topic, counts }) => ({ change, stage, topic, counts }))).toEqual(
    ['raised', 'cleared'].map((change) => ({ change, stage: 'vitals-windowing', topic: accepted, counts: { unaccounted: 1 } })),
  );
  await watch.stop();
  await log.close();
  await router.close();
  await client.close();
}, 90_000);

test('one reading that is lost in an unbroken flow pages engineering while the flow goes on', async () => {
  const client = connect();
  const router = await startHarness({ databaseUrl: database.url, connect });
  const log = createTroubleLog(client, registry);
  const toldBefore = (await log.told()).length;
  // So patient that no sum could raise it: only the log itself can tell.
  const watch = watching(client, log, 600_000);
  let isPaged = false;
  const paged = router.accepted((list) => list.length >= 1).finally(() => (isPaged = true));
  const flow = async (): Promise<void> => {
    for (let first = 10, round = 0; !isPaged; first += 5, round++) {
      await passReadings(client, first, 5);
      const consumed = round === 12 ? 4 : 5;
      const range = { firstOffset: first, lastOffset: first + 4 };
      await report(
        client,
        { stage: 'device-ingest', topic: received, ...range, consumed: 5, processed: 5, outputs: { [accepted]: 5 } },
        { stage: 'vitals-windowing', topic: accepted, ...range, consumed, processed: consumed, outputs: {} },
      );
    }
  };
  await flow();
  await paged;
  expect((await log.told()).slice(toldBefore)).toMatchObject([
    { change: 'raised', kind: 'ledger-imbalance', stage: 'vitals-windowing', topic: accepted, counts: { unaccounted: 1 } },
  ]);
  await watch.stop();
  await log.close();
  await router.close();
  await client.close();
}, 90_000);
