import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics, type Topic } from '@vigil/contracts';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { Pool } from 'pg';
import { aFeed } from '../../test-support/a-feed.ts';
import { clock, openFilesWorld, type FilesWorld } from '../../test-support/files-world.ts';
import { createFileLedger, createOutputBook, extractFiles, openCheckpoints, type ExtractRequest, type FileLedger } from '../index.ts';
import { endProducer } from '../job/run-topic-job.ts';

const used: readonly Topic[] = [topics.claimReceived, topics.interchangeRejected, topics.visitRecorded, topics.identityObserved, topics.itemRejected, topics.jobCheckpointed]; // prettier-ignore

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
}, 60_000);
afterAll(() => database.drop());

let world: FilesWorld;
const begin = async (): Promise<void> => {
  world = await openFilesWorld(database, used);
};
const end = (): void => world.close();
beforeEach(begin);
afterEach(end);

const claim = (id: string): string => JSON.stringify({ claim_id: id, patient_id: 'PAT_1' });
const names = ['A', 'B'];
/** Two files that are loaded, and beside them one that is for a person. */
const putFiles = (): void => {
  for (const name of names) world.put(`${name}.json`, `[${claim(`${name}1`)},${claim(`${name}2`)}]`);
  world.put('BAD.json', ' ');
};
const claims = names.flatMap((name) => [claim(`${name}1`), claim(`${name}2`)]);

type Step = () => Promise<void>;
const noStep: Step = () => Promise.resolve();
/** A ledger and a book of outputs that take a step before and after each thing that they note. */
function steppedLedger(step: Step): Pick<ExtractRequest, 'ledger' | 'outputs'> {
  const ledger = createFileLedger(database.pool);
  const outputs = createOutputBook(database.pool);
  const stepped = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await step();
    const result = await work();
    await step();
    return result;
  };
  const steps: Pick<FileLedger, 'claim' | 'advance' | 'confirm' | 'trail'> = {
    claim: (...args) => stepped(() => ledger.claim(...args)),
    advance: (...args) => stepped(() => ledger.advance(...args)),
    confirm: (...args) => stepped(() => ledger.confirm(...args)),
    trail: (...args) => stepped(() => ledger.trail(...args)),
  };
  return { ledger: { ...ledger, ...steps }, outputs: { note: (...args) => stepped(() => outputs.note(...args)) } };
}
const requestOf = (step: Step = noStep, over: Partial<ExtractRequest> = {}) => {
  const { source, broker, registry } = world;
  return world.requestOf(aFeed('claims'), {
    atOnce: 8,
    holder: { runId: randomUUID(), batchId: `batch-${source.name}`, task: 'extract', part: 0, epoch: 1 },
    ...steppedLedger(step),
    job: {
      client: broker.connect({ hook: step }),
      registry,
      clock,
      checkpoints: openCheckpoints({ client: broker.connect(), registry }),
    },
    ...over,
  });
};

const statesOf = async (): Promise<string[]> =>
  (await world.desk.list({ source: world.source.name, limit: 100 })).map(({ path, state }) => `${path} ${state}`).sort();

/** Each claim once; the ledger, the trail and the outputs say what is in the topic. */
async function expectLoadedOnce(): Promise<void> {
  expect(await world.textsOf(topics.claimReceived)).toEqual(claims);
  // Between the archive and its note there is no way back to the file: then it stays LOADED.
  const states = (await statesOf()).map((state) => state.replace('LOADED', 'ARCHIVED'));
  expect(states).toEqual([...names.map((name) => `${name}.json ARCHIVED`), 'BAD.json QUARANTINED'].sort());
  const { rows } = await database.pool.query<{ records: number }>(
    'SELECT sum(last_offset - first_offset + 1)::int AS records FROM orchestration.row_trail WHERE source = $1 AND topic = $2',
    [world.source.name, topics.claimReceived.name],
  );
  expect(rows).toEqual([{ records: claims.length }]);
  expect(await createOutputBook(database.pool).sum(`batch-${world.source.name}`, 'extract')).toEqual({
    [topics.claimReceived.name]: claims.length,
  });
}

/** How many steps an extraction takes that nothing happens to; they come in another order now and then. */
async function countSteps(): Promise<number> {
  let steps = 0;
  putFiles();
  await extractFiles(requestOf(async () => void steps++));
  await expectLoadedOnce();
  return steps;
}

test('small files share transactions and statements, and each is counted, told and archived as if it were alone', async () => {
  const operations: string[] = [];
  let statements = 0;
  const query = ((...args: Parameters<Pool['query']>) => {
    statements++;
    // Far longer than a file takes of the processor, so that on a slow machine, too, files wait for each other.
    return pause(20).then(() => database.pool.query(...args));
  }) as Pool['query'];
  const pool = { query, connect: () => database.pool.connect() } as Pool;
  const files = 24;
  for (let file = 0; file < files; file++) world.put(`${String(file).padStart(2, '0')}.json`, claim(`C${file}`));
  const request = { ...requestOf(), ledger: createFileLedger(pool), outputs: createOutputBook(pool) };
  const client = world.broker.connect({ hook: async (operation) => void operations.push(operation) });
  const { counts } = await extractFiles({ ...request, job: { ...request.job, client } });
  expect(counts).toMatchObject({ files, read: files, written: files, quarantined: 0, waiting: 0 });
  const count = (wanted: string): number => operations.filter((operation) => operation === wanted).length;
  expect(count('fence:before')).toBe(1);
  expect(count('commit:before')).toBeLessThan(files);
  // Claimed, verified, confirmed, told, traced, loaded, archived: alone each file would ask seven times.
  expect(statements).toBeLessThan((7 * files) / 2);
  expect(await world.textsOf(topics.claimReceived)).toHaveLength(files);
});

test('a large file has transactions of its own', async () => {
  world.put('large.json', `[${claim('A1')},${' '.repeat(1024 * 1024)}${claim('A2')}]`);
  world.put('small.json', claim('B1'));
  const fences: string[] = [];
  const request = requestOf();
  const { client: plain } = request.job;
  const openTransactionalProducer: typeof plain.openTransactionalProducer = (options) => {
    fences.push(options.transactionalId);
    return plain.openTransactionalProducer(options);
  };
  await extractFiles({ ...request, job: { ...request.job, client: { ...plain, openTransactionalProducer } } });
  expect(fences.map((id) => id.replace(/:.*|[0-9a-f]{8}-.*/, '')).sort()).toEqual(['batch.file', 'batch.files.']);
});

test('a large file whose producer is fenced between its chunks goes on behind what it committed', async () => {
  const ids = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7'];
  world.put('large.json', `[${ids.map(claim).join()}${' '.repeat(1024 * 1024)}]`);
  const fenced: string[] = [];
  let commits = 0;
  const client = world.broker.connect({
    hook: async (operation) => {
      // As the coordinator does to a transaction that takes too long.
      if (operation === 'commit:before' && ++commits === 3) await endProducer(world.broker.connect(), fenced[0] ?? '');
    },
  });
  const openTransactionalProducer: typeof client.openTransactionalProducer = (options) => {
    fenced.push(options.transactionalId);
    return client.openTransactionalProducer(options);
  };
  const request = requestOf(noStep, { chunkLimits: { records: 2 } });
  const { counts } = await extractFiles({ ...request, job: { ...request.job, client: { ...client, openTransactionalProducer } } });
  expect(fenced).toHaveLength(2);
  expect(counts).toMatchObject({ files: 1, read: ids.length, written: ids.length });
  expect(await world.textsOf(topics.claimReceived)).toEqual(ids.map(claim));
});

test('an attempt that takes a file over does not end its own shared producer', async () => {
  world.put('A.json', claim('A1'));
  world.put('B.json', claim('B1'));
  const request = requestOf();
  await request.ledger.observe(world.source.name, await Array.fromAsync(world.source.list('A*')));
  // Its first attempt was alone.
  await database.pool.query('UPDATE orchestration.file SET attempt = 1 WHERE source = $1', [world.source.name]);
  const opened: string[] = [];
  const { client: plain } = request.job;
  const openTransactionalProducer: typeof plain.openTransactionalProducer = (options) => {
    opened.push(options.transactionalId);
    return plain.openTransactionalProducer(options);
  };
  await extractFiles({ ...request, job: { ...request.job, client: { ...plain, openTransactionalProducer } } });
  expect(opened.filter((id) => id.startsWith('batch.files.'))).toHaveLength(1);
  expect(await world.textsOf(topics.claimReceived)).toEqual([claim('A1'), claim('B1')]);
});

test('whatever step an attempt dies at, the next one ends with every file loaded once and the ledger true', async () => {
  const steps = await countSteps();
  expect(steps).toBeGreaterThan(30);
  for (let death = 1; death <= steps; death++) {
    end();
    await begin();
    putFiles();
    let left = death;
    const first = requestOf(() => (--left > 0 ? Promise.resolve() : Promise.reject(new Error('killed'))));
    const died = await extractFiles(first).then(
      () => 'lived',
      (error: Error) => error.message,
    );
    expect(['lived', 'killed']).toContain(died);
    const again = requestOf();
    await extractFiles({ ...again, holder: { ...first.holder, epoch: 2 } });
    await expectLoadedOnce();
  }
}, 240_000);

test('wherever an attempt sleeps while another one loads its files, nothing is published twice when it wakes up', async () => {
  const steps = await countSteps();
  for (let sleep = 1; sleep <= steps; sleep++) {
    end();
    await begin();
    putFiles();
    let left = sleep;
    const asleep = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    const request = requestOf(async () => {
      if (--left > 0) return;
      asleep.resolve();
      await woken.promise;
    });
    // What it read of the checkpoints is from before.
    for (let job = 0; job < 20; job++) await request.job.checkpoints.recall(`earlier:${job}`, 0);
    const sleeper = extractFiles(request);
    const lived = await Promise.race([asleep.promise, sleeper.then(() => 'lived')]);
    if (lived === undefined) await extractFiles(requestOf());
    woken.resolve();
    await sleeper.catch((error: Error) => expect(error.message).toBe(''));
    await expectLoadedOnce();
  }
}, 240_000);

test('files whose shared producer was ended go on alone, and nothing that they told is lost', async () => {
  const header = 'patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department';
  const visit = (patient: string): string => `${patient},2024-03-15,I10,Essential hypertension,MED001,DOC_001,Cardiology`;
  for (const name of names) world.put(`${name}.csv`, `${header}\n${visit(`${name}1`)}\n${visit(`${name}2`)}\n`);
  let isEnded = false;
  const holder = { runId: randomUUID(), batchId: 'b', task: 'extract', part: 0, epoch: 1 };
  const request = requestOf(noStep, { feed: aFeed('visits'), holder });
  const client = world.broker.connect({
    hook: async (operation) => {
      if (operation !== 'commit:before' || isEnded) return;
      isEnded = true;
      await endProducer(world.broker.connect(), `batch.files.${holder.runId}.extract.0.1.0`);
    },
  });
  const kept: number[] = [];
  const keepScores: ExtractRequest['keepScores'] = async (_file, scores) => {
    kept.push(scores[0]?.records ?? 0);
    return [];
  };
  const { counts } = await extractFiles({ ...request, keepScores, job: { ...request.job, client } });
  expect(isEnded).toBe(true);
  expect(counts).toMatchObject({ files: names.length, read: 2 * names.length, quarantined: 0 });
  // A visit and whom it is about.
  expect(await world.textsOf(topics.visitRecorded)).toHaveLength(2 * names.length);
  expect(await world.textsOf(topics.identityObserved)).toHaveLength(2 * names.length);
  // Judged as often as it has rows, not as often as they were read.
  expect(kept).toEqual(names.map(() => 2));
});
