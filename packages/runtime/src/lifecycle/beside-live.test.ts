import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, systemEngineClock } from '@vigil/kafka';
import { runEnds, runName } from '../settings/formats.ts';
import { besideLive } from './beside-live.ts';

const stage = 'vitals-windowing';
const source = topics.vitalsReadingAccepted.name;

async function aBroker() {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  broker.createTopic(source, 1);
  broker.createTopic(`${source}.${stage}.retry`, 1);
  const client = broker.connect();
  const producer = await client.openIdempotentProducer();
  const record = { topic: source, partition: 0, key: null, value: Buffer.from('x'), headers: [] };
  await producer.send([{ ...record, timestamp: 1000 }, { ...record, timestamp: 2000 }]); // prettier-ignore
  return { broker, client };
}

test('without a run id the client is the live one', async () => {
  const { client } = await aBroker();
  expect(besideLive(client, stage, {}, systemEngineClock)).toBe(client);
});

test('a run reads up to its end, and nothing while the live stage is behind', async () => {
  const { client } = await aBroker();
  await client.admin.commitPositions(stage, [{ topic: source, partition: 0, offset: 1, metadata: '' }]);
  const settings = { runId: 'r1', runUntil: { [source]: [1] }, runRecordsPerSecond: 1_000_000 };
  const read = async (runYieldSeconds: number): Promise<number> => {
    const clock = { now: () => 12_000 };
    const fetcher = await besideLive(client, stage, { ...settings, runYieldSeconds }, clock).openFetcher();
    fetcher.assign({ topic: source, partition: 0 }, 0);
    const batches = await fetcher.poll(5);
    await fetcher.close();
    return batches.reduce((sum, { records }) => sum + records.length, 0);
  };
  expect(await read(5)).toBe(0);
  expect(await read(60)).toBe(1);
  expect(await read(0)).toBe(1);
});

test('a run of one key handles its records only, and its positions go past the others', async () => {
  const { client } = await aBroker();
  const producer = await client.openIdempotentProducer();
  const of = (key: string | null) => ({
    topic: source,
    partition: 0,
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from('y'),
    headers: [],
    timestamp: 3000,
  });
  await producer.send([of('k1.a'), of('k1.b'), of(null)]);
  const own = besideLive(client, stage, { runId: 'r1', runKey: 'k1.b' }, systemEngineClock);
  const fetcher = await own.openFetcher();
  fetcher.assign({ topic: source, partition: 0 }, 0);
  const [batch] = await fetcher.poll(5);
  expect([...(batch?.records ?? [])].map(({ key, offset }) => [String(key), offset])).toEqual([['k1.b', 3]]);
  expect(batch?.nextOffset).toBe(5);
  await fetcher.close();
});

test('names and ends of a run are read strictly', () => {
  expect(runName().parse('r1a2')).toBe('r1a2');
  expect(runName().safeParse('R 1').success).toBe(false);
  expect(runEnds().parse('a.v1=1,22;b=3')).toEqual({ 'a.v1': [1, 22], b: [3] });
  for (const text of ['a', 'a=', 'a=1;', 'a=x']) expect(runEnds().safeParse(text).success).toBe(false);
});
