import { expect, test } from '@jest/globals';
import { compileWriter, createWireEncoder, topics, type BatchProgressed } from '@vigil/contracts';
import { createMemoryBroker, systemEngineClock, type KafkaClient } from '@vigil/kafka';
import { readLedger } from './read-ledger.ts';

const { name: ledgerTopic, schema } = topics.batchProgressed;
const sink = 'warehouse-loader.warehouse';

const aRow = (firstOffset: number, more: Partial<BatchProgressed> = {}): BatchProgressed => ({
  stage: sink,
  subStage: '',
  topic: topics.deidReadingAccepted.name,
  partition: 0,
  firstOffset,
  lastOffset: firstOffset + 9,
  batchId: null,
  consumed: 10,
  processed: 10,
  late: 0,
  lateCorrected: 0,
  duplicate: 0,
  rejected: 0,
  suppressed: 0,
  outputs: {},
  tablePositions: {},
  committedAt: firstOffset,
  ...more,
});

async function ledgerOf(...rows: readonly BatchProgressed[]): Promise<KafkaClient> {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  broker.createTopic(ledgerTopic, 2);
  const client = broker.connect();
  const encode = createWireEncoder();
  const write = compileWriter<BatchProgressed>(schema);
  const producer = await client.openIdempotentProducer();
  await producer.send(
    rows.map((row) => ({
      topic: ledgerTopic,
      partition: row.partition,
      key: null,
      value: encode(1, write, row),
      headers: [],
      timestamp: null,
    })),
  );
  return client;
}

test('a row that a sink published again counts once', async () => {
  const client = await ledgerOf(aRow(0), aRow(10), aRow(0), aRow(10), aRow(20));

  expect((await readLedger(client, sink)).map(({ firstOffset }) => firstOffset)).toEqual([0, 10, 20]);
});

test('rows of one stage come in order of commit, from all partitions', async () => {
  const client = await ledgerOf(aRow(10), aRow(0, { partition: 1, committedAt: 5 }), aRow(0, { stage: 'device-ingest' }));

  expect((await readLedger(client, sink)).map(({ committedAt }) => committedAt)).toEqual([5, 10]);
});
