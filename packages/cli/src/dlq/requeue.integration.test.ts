import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { compileReader, days, topics, wireHeaderBytes, type AccessRecorded } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { textHeader, type FetchedRecord, type KafkaClient, type RecordHeaders } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { clock, createMemoryFleet, nowMs, type MemoryFleet } from '../../test-support/memory-fleet.ts';
import { outcomeText, requestText } from '../commands/dlq-requests.ts';
import { askRequest, chooseRecords, type Asked } from './ask-request.ts';
import { approveRequest, carryOut, declineRequest, type Means } from './carry-out.ts';
import { deadLetterTopic } from './dead-letter-topics.ts';
import { editHashOf } from './edit-value.ts';
import { exportRecords } from './export-records.ts';
import type { DlqRequest } from './request-rows.ts';
import { createRequestStore, type RequestStore } from './request-store.ts';
import { identifyQueue, walkQueue } from './walk-queue.ts';
import type { QuarantineWorld } from './with-quarantine.ts';

const queue = deadLetterTopic('vitals.reading.received.v1.device-ingest.dlq');
const retry = 'vitals.reading.received.v1.device-ingest.retry';
let database: TestDatabase;
let fleet: MemoryFleet;
let world: QuarantineWorld;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('TRUNCATE operations.dlq_request CASCADE');
  fleet = createMemoryFleet();
  world = { client: fleet.client, registry: fleet.registry, store: createRequestStore(database.pool), clock };
});

const headersOf = (offset: number, partition = 1, attempt = 2): RecordHeaders =>
  Object.entries({
    'vigil-batch-id': 'b-1',
    'vigil-origin-topic': queue.origin.name,
    'vigil-origin-partition': String(partition),
    'vigil-origin-offset': String(offset),
    'vigil-origin-timestamp': '1000',
    'vigil-error-code': 'NOT_JSON',
    'vigil-attempt': String(attempt),
  }).map(([name, text]) => [name, Buffer.from(text)] as const);

const quarantine = async (...texts: readonly string[]): Promise<void> => {
  for (const [index, text] of texts.entries()) await fleet.write(queue.name, [Buffer.from(text)], { headers: headersOf(70 + index) });
};

async function recordsOf(topic: string): Promise<(FetchedRecord & { readonly partition: number })[]> {
  const found: (FetchedRecord & { readonly partition: number })[] = [];
  await walkQueue(fleet.client, await identifyQueue(fleet.client, topic), (partition, records) => {
    for (const record of records) {
      const { offset, timestamp, key, value } = record;
      found.push({ partition, offset, timestamp, key, value, headers: () => record.headers() });
    }
  });
  return found;
}
const sentBack = async (): Promise<string[]> => (await recordsOf(retry)).map(({ value }) => value?.toString() ?? '').sort();

async function audited(): Promise<AccessRecorded[]> {
  const read = compileReader(topics.accessRecorded.schema);
  return (await recordsOf(topics.accessRecorded.name)).map(({ value }) => read(value as Buffer, wireHeaderBytes) as AccessRecorded);
}

const means: Means = { edit: null, rate: 100_000, sleep: () => Promise.resolve() };
const asking = (change: Partial<Asked> = {}): Asked => ({
  action: 'requeue',
  queue,
  filter: {},
  reason: 'ticket 4711',
  by: 'alice',
  editHash: null,
  ...change,
});
const ask = async (change: Partial<Asked> = {}): Promise<DlqRequest> => {
  const asked = asking(change);
  return askRequest(asked, await chooseRecords(asked, world), world);
};
const statesNow = async () => Object.fromEntries(await world.store.statesOf(await identifyQueue(fleet.client, queue.name)));

test('one record goes back at once: exact bytes, its partition, its origin, and only once', async () => {
  await quarantine('{"broken', 'other');
  const before = (await recordsOf(queue.name))[0] as FetchedRecord;
  const filter = { partition: 0, firstOffset: 0, lastOffset: 0 };

  const request = await ask({ filter });
  const done = await carryOut(request.id, means, world);

  expect(done).toMatchObject({ sent: 1, found: 0, request: { state: 'done', requestedBy: 'alice', decidedBy: 'alice', settled: 1 } });
  const [record, ...more] = await recordsOf(retry);
  expect(more).toEqual([]);
  expect(record).toMatchObject({ partition: 1, key: before.key, value: before.value });
  expect(record?.headers().slice(0, before.headers().length)).toEqual(before.headers());
  expect(textHeader(record?.headers() ?? [], 'vigil-requeued-from')).toBe('0/0');
  expect(await chooseRecords(asking({ filter }), world)).toMatchObject({ selection: { entries: [], taken: 1 } });
  await expect(carryOut(request.id, means, world)).rejects.toThrow('The request is done');
  expect(outcomeText(done)).toBe(`1 sent back (request ${request.id})`);
});

test('several records wait for another person, whose name is kept beside the first', async () => {
  await quarantine('a', 'b', 'c');

  const request = await ask();
  await expect(carryOut(request.id, means, world)).rejects.toThrow('The request is pending');
  await expect(approveRequest(request.id, 'alice', means, world)).rejects.toMatchObject({ code: 'SECOND_PERSON_NEEDED' });
  await expect(world.store.approve(request, 'alice')).rejects.toMatchObject({ code: 'SECOND_PERSON_NEEDED' });
  expect(await sentBack()).toEqual([]);
  const done = await approveRequest(request.id, 'bob', means, world);

  expect(done).toMatchObject({ sent: 3, request: { requestedBy: 'alice', decidedBy: 'bob', state: 'done' } });
  expect(await sentBack()).toEqual(['a', 'b', 'c']);
  expect(requestText(done.request)).toContain(
    'done     requeue 3/3  vitals.reading.received.v1.device-ingest.dlq  by alice, decided by bob',
  );
  const byAgent = (await audited()).sort((a, b) => a.agent.localeCompare(b.agent));
  expect(byAgent).toEqual([
    expect.objectContaining({ subtype: 'requeue', agent: 'alice', records: 3, places: ['0/0', '0/1', '0/2'], requestId: request.id }),
    expect.objectContaining({ subtype: 'approve', agent: 'bob', entity: queue.name, reason: 'ticket 4711', purposeOfEvent: 'OPERAT' }),
  ]);
});

test('the database itself refuses one person in both places', async () => {
  await quarantine('a', 'b');
  const { id } = await ask();

  await expect(
    database.pool.query("UPDATE operations.dlq_request SET state = 'approved', decided_by = requested_by WHERE request_id = $1", [id]),
  ).rejects.toMatchObject({ constraint: 'dlq_request_second_person' });
  await expect(
    database.pool.query("UPDATE operations.dlq_request SET state = 'approved', decided_by = 'ALICE' WHERE request_id = $1", [id]),
  ).rejects.toMatchObject({ code: '23514' });
});

test.each(['claims are marked', 'everything is finished'] as const)(
  'cut off between the commit and the moment in which %s, nothing is sent twice',
  async (moment) => {
    await quarantine('a', 'b', 'c', 'd', 'e');
    const { id } = await ask();
    const { store } = world;
    const cut = (): never => {
      throw new VigilError('DATABASE_AWAY');
    };
    const cutOff: RequestStore = moment === 'claims are marked' ? { ...store, settle: cut } : { ...store, finish: cut };

    await expect(approveRequest(id, 'bob', { ...means, rate: 8 }, { ...world, store: cutOff })).rejects.toMatchObject({
      code: 'DATABASE_AWAY',
    });
    const sentByThen = (await sentBack()).length;
    const done = await approveRequest(id, 'bob', means, world);

    expect(sentByThen).toBeGreaterThan(0);
    expect(await sentBack()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(done).toMatchObject({ request: { settled: 5, state: 'done' } });
    if (moment === 'claims are marked') expect(done).toMatchObject({ found: sentByThen, sent: 5 - sentByThen });
    expect(outcomeText({ ...done, found: 2 })).toContain('2 had been sent before');
  },
);

test('what was sent behind the open transaction of another request is not sent again', async () => {
  await quarantine('a', 'b');
  const { id } = await ask();
  const other = await fleet.client.openTransactionalProducer({ transactionalId: 'other request', transactionTimeoutMs: 600_000 });
  await other.fence();
  const openTransactionalProducer: KafkaClient['openTransactionalProducer'] = async (options) => {
    const producer = await fleet.client.openTransactionalProducer(options);
    const begin = async () => {
      await other.begin();
      await other.send([{ topic: retry, partition: 1, key: null, value: Buffer.from('other'), headers: [], timestamp: null }]);
      await producer.begin();
    };
    return { ...producer, begin };
  };
  const settle = (): never => {
    throw new VigilError('DATABASE_AWAY');
  };
  const cutOff = { ...world, client: { ...fleet.client, openTransactionalProducer }, store: { ...world.store, settle } };
  await expect(approveRequest(id, 'bob', means, cutOff)).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  expect(await sentBack()).toEqual([]);

  let polls = 0;
  const openFetcher = async () => {
    const fetcher = await fleet.client.openFetcher();
    const poll = async (waitMs: number) => {
      if (++polls === 3) await other.abort();
      return fetcher.poll(waitMs);
    };
    return { ...fetcher, poll };
  };
  const done = await approveRequest(id, 'bob', means, { ...world, client: { ...fleet.client, openFetcher } });

  expect(done).toMatchObject({ found: 2, sent: 0, request: { state: 'done', settled: 2 } });
  expect(await sentBack()).toEqual(['a', 'b']);
});

test('what could not be recorded is not done, and who goes on with it is recorded', async () => {
  await quarantine('a');
  const away = (): never => {
    throw new VigilError('KAFKA_AWAY');
  };
  const client = { ...fleet.client, openIdempotentProducer: away };
  const asked = asking();
  await expect(askRequest(asked, await chooseRecords(asked, world), { ...world, client })).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  const [request] = await world.store.list();
  const id = request?.id ?? '';
  await expect(approveRequest(id, 'alice', means, { ...world, client })).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  expect(await sentBack()).toEqual([]);

  await approveRequest(id, 'alice', means, world);
  expect(await sentBack()).toEqual(['a']);
  expect(await audited()).toMatchObject([{ subtype: 'approve', agent: 'alice', requestId: id, records: 1 }]);
});

test('an interrupted request that is declined keeps what it sent and frees the rest', async () => {
  await quarantine('a', 'b', 'c', 'd');
  const { id } = await ask();
  const { store } = world;
  let calls = 0;
  const failingLater: RequestStore = {
    ...store,
    settle: async (...args) => {
      if (++calls === 2) throw new VigilError('DATABASE_AWAY');
      return store.settle(...args);
    },
  };
  await expect(approveRequest(id, 'bob', { ...means, rate: 4 }, { ...world, store: failingLater })).rejects.toMatchObject({
    code: 'DATABASE_AWAY',
  });

  expect(await declineRequest(id, 'bob', world)).toMatchObject({ state: 'declined', settled: 2 });
  expect(await statesNow()).toEqual({ '0/0': 'requeued', '0/1': 'requeued' });
  await expect(approveRequest(id, 'carol', means, world)).rejects.toThrow('The request is declined');
  const again = await ask({ by: 'bob' });
  await approveRequest(again.id, 'alice', means, world);

  expect(await sentBack()).toEqual(['a', 'b', 'c', 'd']);
});

test('what is claimed by one request cannot be claimed by another', async () => {
  await quarantine('a', 'b');
  const asked = asking();
  const both = await chooseRecords(asked, world);
  await askRequest(asked, both, world);

  await expect(askRequest(asked, both, world)).rejects.toMatchObject({ code: 'ALREADY_CLAIMED' });
  expect(await world.store.list()).toHaveLength(1);
  expect(await chooseRecords(asked, world)).toMatchObject({ selection: { entries: [], taken: 2 } });
});

test('while one carries a request out, nobody else can', async () => {
  await quarantine('a', 'b');
  const { id } = await ask();
  const request = await world.store.find(id);

  await world.store.exclusively(request, async () => {
    await expect(approveRequest(id, 'bob', means, world)).rejects.toThrow('Somebody is carrying this request out');
  });
  expect(await approveRequest(id, 'bob', means, world)).toMatchObject({ sent: 2 });
});

test('records of which the headers tell no origin stay where they are; a discard takes them', async () => {
  await quarantine('a');
  await fleet.write(queue.name, [Buffer.from('foreign')], { partition: 1 });

  expect(await chooseRecords(asking(), world)).toMatchObject({ selection: { withoutOrigin: 1, entries: [{ partition: 0, offset: 0 }] } });
  const { id } = await ask({ action: 'discard' });
  const done = await approveRequest(id, 'bob', means, world);

  expect(done).toMatchObject({ discarded: 2, sent: 0 });
  expect(outcomeText(done)).toBe(`2 discarded (request ${id})`);
  expect(await statesNow()).toEqual({ '0/0': 'discarded', '1/0': 'discarded' });
  expect(await sentBack()).toEqual([]);
});

const goodEdit = Buffer.from('{"device_id":"D","patient_id":"P","timestamp":"2026-01-01T00:00:00Z","measurements":{"heart_rate":71}}');

test('an edit replaces the bytes of one record, once another person has seen the very same file', async () => {
  await quarantine('{"broken');

  const { id } = await ask({ editHash: editHashOf(goodEdit) });
  await expect(approveRequest(id, 'bob', means, world)).rejects.toThrow('give it with --edit FILE');
  await expect(approveRequest(id, 'bob', { ...means, edit: Buffer.from('{}') }, world)).rejects.toThrow('not the one that was asked for');
  await expect(approveRequest(id, 'alice', { ...means, edit: goodEdit }, world)).rejects.toMatchObject({ code: 'SECOND_PERSON_NEEDED' });
  await approveRequest(id, 'bob', { ...means, edit: goodEdit }, world);

  expect(await sentBack()).toEqual([goodEdit.toString()]);
});

test('an edit belongs to one record, and to a request that has one', async () => {
  await quarantine('a', 'b');
  await expect(ask({ editHash: editHashOf(goodEdit) })).rejects.toThrow('--edit takes one record; 2 match');
  const { id } = await ask();
  await expect(approveRequest(id, 'bob', { ...means, edit: goodEdit }, world)).rejects.toThrow('leave --edit out');
});

test('records that are no longer as they were stop the whole request', async () => {
  await quarantine('a', 'b');
  const { id } = await ask();
  await database.pool.query("UPDATE operations.dlq_request SET selection_hash = 'other' WHERE request_id = $1", [id]);
  await expect(approveRequest(id, 'bob', means, world)).rejects.toMatchObject({ code: 'SELECTION_CHANGED' });

  await database.pool.query("UPDATE operations.dlq_request SET topic_id = 'older' WHERE request_id = $1", [id]);
  await expect(approveRequest(id, 'bob', means, world)).rejects.toThrow('was recreated');
  expect(await sentBack()).toEqual([]);
});

test('what was interrupted too long ago is not gone on with, but can be declined', async () => {
  await quarantine('a', 'b');
  const { id } = await ask();
  const later = { ...world, clock: { now: () => Date.now() + days(14) } };

  await expect(approveRequest(id, 'bob', means, later)).rejects.toMatchObject({ code: 'REQUEST_EXPIRED' });
  expect(await declineRequest(id, 'carol', later)).toMatchObject({ state: 'declined' });
});

test('no faster than the rate', async () => {
  await quarantine(...Array.from({ length: 10 }, (_, index) => String(index)));
  const { id } = await ask();
  let now = Date.now();
  const pauses: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
    now += ms;
  };

  await approveRequest(id, 'bob', { ...means, rate: 8, sleep }, { ...world, clock: { now: () => now } });

  expect(pauses).toEqual([250, 250, 250, 250, 250]);
});

test('an origin that the retry topic has no partition for is told', async () => {
  await fleet.write(queue.name, [Buffer.from('a')], { headers: headersOf(1, 7) });
  const { id } = await ask();
  await expect(carryOut(id, means, world)).rejects.toMatchObject({ code: 'PARTITION_MISMATCH' });
});

test.each(['nonsense', '0f8fad5b-d9cb-469f-a165-70867728950e'])('a request that there is not: %s', async (id) => {
  await expect(approveRequest(id, 'bob', means, world)).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

test('a settled request is settled for good, whatever the caller saw before', async () => {
  await quarantine('a', 'b');
  const request = await ask();
  await declineRequest(request.id, 'bob', world);

  await expect(world.store.approve(request, 'bob')).rejects.toThrow('settled meanwhile');
  await expect(world.store.decline(request, 'bob')).rejects.toThrow('settled meanwhile');
  await expect(world.store.finish(request)).rejects.toThrow('settled meanwhile');
});

test('a database that is away is told as such', async () => {
  const pool = createPool({ url: 'postgresql://nobody@127.0.0.1:1/nothing', applicationName: 'vigil tests' });
  const away = createRequestStore(pool);
  await expect(away.list()).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await expect(away.exclusively({ id: 'x' } as DlqRequest, async () => 1)).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await pool.end();
});

test('an export is written after it was recorded, for its owner only, and never over a file', async () => {
  await quarantine('a', 'b');
  const file = join(await mkdtemp(join(tmpdir(), 'vigil-export-')), 'out.ndjson');
  const options = {
    client: fleet.client,
    queue: await identifyQueue(fleet.client, queue.name),
    filter: { firstOffset: 1 },
    states: new Map([['0/1', 'requeued' as const]]),
    present: async (value: Buffer | null) => value?.toString() ?? null,
    file,
    beforeWriting: async (places: readonly unknown[]) =>
      expect([places, await readFile(file, 'utf8')]).toEqual([[{ partition: 0, offset: 1 }], '']),
  };

  const unrecorded = exportRecords({ ...options, beforeWriting: () => Promise.reject(new Error('no audit')) });
  await expect(unrecorded).rejects.toThrow('no audit');
  await expect(stat(file)).rejects.toThrow('ENOENT');
  expect(await exportRecords(options)).toBe(1);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ offset: 1, state: 'requeued', value: 'b', timestamp: nowMs });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await expect(exportRecords(options)).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
});
