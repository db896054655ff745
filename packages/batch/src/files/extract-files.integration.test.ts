import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics, type ItemRejected, type OutcomeRecorded, type Topic, type VisitRecorded } from '@vigil/contracts';
import { isVigilError, VigilError } from '@vigil/core';
import { createValueDecoder, textHeader } from '@vigil/kafka';
import { openFileSource, type FileSource } from '@vigil/sources';
import { createFaultyLink, createTestDatabase, startSftpServer, type TestDatabase } from '@vigil/testing';
import { aFeed } from '../../test-support/a-feed.ts';
import { openFilesWorld, type FilesWorld } from '../../test-support/files-world.ts';
import { extractFiles, forgetCheckpoints, openCheckpoints, type ExtractRequest, type FileFeed, type FileState } from '../index.ts';
import { stageFile } from './stage-file.ts';

const used: readonly Topic[] = [topics.claimReceived, topics.interchangeRejected, topics.visitRecorded, topics.outcomeRecorded, topics.identityObserved, topics.patientsRecordReceived, topics.vitalsReadingReceived, topics.itemRejected, topics.jobCheckpointed]; // prettier-ignore

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
}, 60_000);
afterAll(() => database.drop());

let world: FilesWorld;
let root: string;
let source: FileSource;
beforeEach(async () => {
  world = await openFilesWorld(database, used);
  ({ root, source } = world);
});
afterEach(() => world.close());
const put: FilesWorld['put'] = (name, content) => world.put(name, content);
const requestOf: FilesWorld['requestOf'] = (feed, over) => world.requestOf(feed, over);
const recordsOf: FilesWorld['recordsOf'] = (topic) => world.recordsOf(topic);
const textsOf: FilesWorld['textsOf'] = (topic) => world.textsOf(topic);

const extract = (feed: FileFeed, over: Partial<ExtractRequest> = {}) => extractFiles(requestOf(feed, over));
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isVigilError(error) ? error.code : String(error)),
  );
const filesOf = async () =>
  (await world.desk.list({ source: source.name, limit: 100 })).sort((a, b) => (a.path + a.revision < b.path + b.revision ? -1 : 1));
const statesOf = async (): Promise<[string, FileState, string | null][]> =>
  (await filesOf()).map(({ path, state, errorCode }) => [path, state, errorCode]);

async function decoded<Value>(topic: Topic): Promise<Value[]> {
  const decode = createValueDecoder(topic.schema, world.registry);
  for (let id = 1; id <= used.length; id++) await world.registry.schemaOf(id);
  return (await recordsOf(topic)).map(({ value }) => decode(value as Buffer) as Value);
}
const claim = (id: string): string => JSON.stringify({ claim_id: id, patient_id: 'PAT_1' });
const header = 'patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department';
const visit = (patient: string, date = '2024-03-15'): string => `${patient},${date},I10,Essential hypertension,MED001,DOC_001,Cardiology`;

test('claims leave as vigil send claims sends them, under the batch of the run; their files go to the archive', async () => {
  put('claims_1.json', `[${claim('A')},${claim('B')}]`);
  put('claims_2.json', claim('C'));
  put('other.txt', 'not meant');
  const { counts, fileIds } = await extract(aFeed('claims'), { pattern: 'claims_*.json' });

  expect(counts).toEqual({ files: 2, read: 3, written: 3, rejected: 0, skipped: 0, duplicates: 0, quarantined: 0, waiting: 0 });
  expect(fileIds).toHaveLength(2);
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A'), claim('B'), claim('C')]);
  const [record] = await recordsOf(topics.claimReceived);
  expect(textHeader(record?.headers() ?? [], 'vigil-batch-id')).toBe('batch-1');
  expect(await statesOf()).toEqual([
    ['claims_1.json', 'ARCHIVED', null],
    ['claims_2.json', 'ARCHIVED', null],
  ]);
  expect([readdirSync(root).sort(), readdirSync(join(root, 'archive')).sort()]).toEqual([
    ['archive', 'other.txt'],
    ['claims_1.json', 'claims_2.json'],
  ]);
  expect(readdirSync(join(world.home, 'staging'))).toEqual([]);
});

test('a row of a visit tells file and line; what is no visit is rejected with line, field and code', async () => {
  put('visits.csv', `${header}\n${visit('P1')}\n${visit('P2', 'soon')}\nP3,2024-03-15\n${visit('P4')}\n`);
  const { counts, fileIds } = await extract(aFeed('visits'));

  // Each visit is two records: the visit and whom it is about.
  expect(counts).toMatchObject({ files: 1, read: 4, written: 4, rejected: 2, skipped: 0 });
  const visits = await decoded<VisitRecorded>(topics.visitRecorded);
  expect(visits.map(({ fileId, line, source: name }) => [fileId, line, name]).sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
    [fileIds[0], 2, source.name],
    [fileIds[0], 5, source.name],
  ]);
  const rejected = await decoded<ItemRejected>(topics.itemRejected);
  expect(rejected.map(({ line, field, code }) => [line, field, code])).toEqual([
    [3, 'visit_date', 'BAD_DATE'],
    [4, '', 'RAGGED_ROW'],
  ]);
  const [file] = await filesOf();
  expect(file).toMatchObject({ recordsRead: 4, recordsOk: 2, recordsRejected: 2, state: 'ARCHIVED' });
  const trail = await database.pool.query('SELECT topic, first_line::int, last_line::int FROM orchestration.row_trail WHERE file_id = $1', [
    file?.fileId,
  ]);
  expect(trail.rows.filter(({ topic }) => topic === topics.visitRecorded.name).map(({ first_line }) => first_line)).toContain(2);
});

test('registry entries leave under their patient; what names none, or is no JSON, is rejected', async () => {
  const good = '{"patient_id":"PAT_1","birth_date":"1970-01-01"}';
  put('patients.ndjson', `${good}\n{"patient_id":""}\nnot json\n{"patient_id":"${'x'.repeat(100)}"}\n`);
  const { counts } = await extract(aFeed('patients', { maxRecordBytes: 80 }));
  expect(counts).toMatchObject({ read: 4, written: 1, rejected: 3 });
  const [record] = await recordsOf(topics.patientsRecordReceived);
  expect([String(record?.key), String(record?.value)]).toEqual(['PAT_1', good]);
  expect((await decoded<ItemRejected>(topics.itemRejected)).map(({ line, code }) => [line, code])).toEqual([
    [2, 'MISSING_ID'],
    [3, 'NOT_JSON'],
    [4, 'MESSAGE_TOO_LARGE'],
  ]);
});

test('rows of a trial become outcomes as those of its table do; readings leave under their device, as it would send them', async () => {
  const columns = 'trial_id,patient_id,enrollment_date,treatment_arm,primary_endpoint_value,secondary_endpoints,adverse_events,completion_status';
  put('trials.csv', `${columns}\nNCT1,P1,2024-03-01,placebo,12.3400,"{""pain"":3}","[{""serious"":true},{}]",completed\nNCT1,P2,2024-03-01,placebo,a lot,,,completed\n`);
  const kept: Record<string, number> = {};
  const keepScores: ExtractRequest['keepScores'] = async (_file, scores) => {
    for (const { column, score } of scores) kept[column] = score;
    return [];
  };
  expect((await extract(aFeed('trial_outcomes'), { pattern: '*.csv', keepScores })).counts).toMatchObject({ read: 2, rejected: 1 });
  const [outcome] = await decoded<OutcomeRecorded>(topics.outcomeRecorded);
  expect(outcome).toMatchObject({ change: 'snapshot', trialId: 'NCT1', primaryEndpointTenThousandths: 123_400, secondaryValues: { pain: 3 }, adverseEventCount: 2, seriousEventCount: 1, line: 2 });
  expect((await decoded<ItemRejected>(topics.itemRejected)).map(({ line, field }) => [line, field])).toEqual([[3, 'primary_endpoint_value']]);
  expect([kept['trial_id'], kept['primary_endpoint_value']]).toEqual([1, 0.5]);

  const reading = '{"device_id":"MONITOR_001","patient_id":"P1","measurements":{"heart_rate":72}}';
  put('readings.ndjson', `${reading}\n{"patient_id":"P1"}\n`);
  expect((await extract(aFeed('readings'), { pattern: '*.ndjson' })).counts).toMatchObject({ read: 2, written: 1, rejected: 1 });
  const [record] = await recordsOf(topics.vitalsReadingReceived);
  expect([String(record?.key), String(record?.value)]).toEqual(['MONITOR_001', reading]);
}); // prettier-ignore

test('an input that holds no claim is rejected on the topic of interchanges, too', async () => {
  put('claims.txt', 'good morning');
  const { counts } = await extract(aFeed('claims'));
  expect(counts).toMatchObject({ read: 1, written: 0, rejected: 1 });
  expect(await recordsOf(topics.interchangeRejected)).toHaveLength(1);
  expect((await decoded<ItemRejected>(topics.itemRejected))[0]).toMatchObject({ code: 'UNKNOWN_FORMAT' });
});

test('the same content is loaded once, whatever its name; the same name with another content is its next revision', async () => {
  put('a.json', claim('A'));
  await extract(aFeed('claims'));
  put('b.json', claim('A'));
  put('a.json', claim('B'));
  const { counts } = await extract(aFeed('claims'));
  expect(counts).toMatchObject({ files: 1, duplicates: 1 });
  const files = await filesOf();
  expect(files.map(({ path, revision, state }) => [path, revision, state])).toEqual([
    ['a.json', 1, 'ARCHIVED'],
    ['a.json', 2, 'ARCHIVED'],
    ['b.json', 1, 'DUPLICATE'],
  ]);
  expect(files[2]?.duplicateOf).toBe(files[0]?.fileId);
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A'), claim('B')]);
  // Out of the way, too.
  expect(readdirSync(root)).toEqual(['archive']);

  // A person who wants it all the same puts both the row and the file back.
  renameSync(join(root, 'archive/b.json'), join(root, 'b.json'));
  await world.desk.requeue(files[2]?.fileId ?? '');
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 1, duplicates: 0 });
  expect(await textsOf(topics.claimReceived)).toHaveLength(3);
});

test('a file is a duplicate of what is loaded only: one with the content of a file under way stays until that one is decided', async () => {
  put('a.json', claim('A'));
  const { ledger, holder } = requestOf(aFeed('claims'));
  const [seen] = await ledger.observe(source.name, await Array.fromAsync(source.list('*')));
  const fileId = seen?.record.fileId ?? '';
  await ledger.settle([fileId]);
  const [mine] = await ledger.claim([fileId], holder);
  await ledger.advance(mine!, { event: 'staged', sha256: createHash('sha256').update(claim('A')).digest('hex'), bytes: 1 });
  put('b.json', claim('A'));
  expect((await extract(aFeed('claims'), { pattern: 'b.json' })).counts).toMatchObject({ files: 0, duplicates: 0, waiting: 1 });
  expect(readdirSync(root).sort()).toEqual(['a.json', 'b.json']);

  await ledger.advance(mine!, { event: 'quarantined', code: 'BAD_CSV', detail: '' });
  expect((await extract(aFeed('claims'), { pattern: 'b.json' })).counts).toMatchObject({ files: 1 });
  expect(await statesOf()).toEqual([
    ['a.json', 'QUARANTINED', 'BAD_CSV'],
    ['b.json', 'ARCHIVED', null],
  ]);
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A')]);
});

test('of files with one content in one extraction one is loaded, and the others are its duplicates at once', async () => {
  for (const name of ['a', 'b', 'c']) put(`${name}.json`, claim('A'));
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 1, duplicates: 2, waiting: 0 });
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A')]);
  expect(readdirSync(root)).toEqual(['archive']);
});

test('a file is taken once its size and time stayed the same, its marker or its manifest is there', async () => {
  writeFileSync(join(root, 'growing.json'), '');
  const growing = requestOf(aFeed('claims', { readiness: { kind: 'stable', polls: 3 } }));
  let writes = 0;
  const ledger = { ...growing.ledger, observe: (name: string, found: Parameters<typeof growing.ledger.observe>[1]) => {
    writeFileSync(join(root, 'growing.json'), claim('A').slice(0, ++writes * 5));
    return growing.ledger.observe(name, found);
  } }; // prettier-ignore
  expect((await extractFiles({ ...growing, ledger })).counts).toMatchObject({ files: 0, waiting: 1 });
  expect(await statesOf()).toEqual([['growing.json', 'DISCOVERED', null]]);
  writeFileSync(join(root, 'growing.json'), claim('A'));
  expect((await extractFiles(growing)).counts).toMatchObject({ files: 1, waiting: 0 });

  const marked = aFeed('claims', { readiness: { kind: 'marker', suffix: '.done' } });
  put('m.json', claim('M'));
  expect((await extract(marked, { pattern: '*.json' })).counts).toMatchObject({ files: 0, waiting: 1 });
  put('m.json.done', '');
  expect((await extract(marked, { pattern: '*.json' })).counts).toMatchObject({ files: 1, waiting: 0 });
  expect(readdirSync(root)).toEqual(['archive']);
});

test('what is wrong with a file sends it to quarantine, and the others are loaded', async () => {
  const feed = aFeed('visits', { readiness: { kind: 'manifest', suffix: '.m' }, maxFileBytes: 1000 });
  const bad: Record<string, [string | Buffer, string, string]> = {
    'empty.csv': ['', '{}', 'EMPTY_FILE'],
    'header.csv': ['patient_id\nP1\n', '{}', 'MISSING_COLUMN'],
    'encoding.csv': [Buffer.from(`${header}\n\u00e9`, 'latin1'), '{}', 'BAD_ENCODING'],
    'count.csv': [`${header}\n${visit('P1')}\n`, '{"records":2}', 'FILE_NOT_AS_ANNOUNCED'],
    'manifest.csv': [`${header}\n${visit('P2')}\n`, 'none', 'BAD_MANIFEST'],
    'manifest2.csv': [`${header}\n${visit('P5')}\n`, ' '.repeat(70_000), 'BAD_MANIFEST'],
    'quote.csv': [`${header}\n${visit('P3')}\n"P4`, '{}', 'BAD_CSV'],
    'large.csv': ['x'.repeat(1001), '{}', 'FILE_TOO_LARGE'],
  };
  for (const [name, [content, manifest]] of Object.entries(bad)) {
    put(name, content);
    put(`${name}.m`, manifest);
  }
  put('good.csv', `${header}\n${visit('P9')}\n`);
  put('good.csv.m', '{"records":1}');
  put('waits.csv', 'x');
  const { counts, quarantinedIds } = await extract(feed, { pattern: '*.csv' });
  expect(counts).toMatchObject({ files: 1, quarantined: 8, waiting: 1 });
  expect(quarantinedIds).toHaveLength(7);
  const expected = Object.fromEntries(Object.entries(bad).map(([name, [, , code]]) => [name, code]));
  const found = Object.fromEntries((await statesOf()).flatMap(([path, state, code]) => (state === 'QUARANTINED' ? [[path, code]] : [])));
  expect(found).toEqual(expected);
  expect(existsSync(join(root, 'good.csv.m'))).toBe(false);
  // They stay where they are, and are not taken again.
  expect((await extract(feed, { pattern: '*.csv' })).counts).toMatchObject({ files: 0, quarantined: 0 });
  // What came before the quote that does not end was published and is told.
  expect((await filesOf()).find(({ path }) => path === 'quote.csv')).toMatchObject({ recordsRead: expect.any(Number) });
});

test('too many bad rows stop a file; after the fix it goes on as its next revision', async () => {
  put('v.csv', `${header}\n${visit('P1', 'x')}\n${visit('P2', 'x')}\n`);
  await extract(aFeed('visits'), { skipLimit: { count: 1, ratio: 1 } });
  expect(await statesOf()).toEqual([['v.csv', 'QUARANTINED', 'JOB_SKIP_LIMIT']]);
  put('v.csv', `${header}\n${visit('P1')}\n${visit('P2')}\n`);
  expect((await extract(aFeed('visits'))).counts).toMatchObject({ files: 1, read: 2, rejected: 0 });
});

test.each([
  ['is held as late', {}, 0],
  ['is loaded where its source delivers history', { timelyWithinMs: 1_000 * 86_400_000 }, 1],
  ['is loaded by a backfill of that time', { aboutMs: Date.UTC(2024, 2, 16) }, 1],
  ['is held by a backfill of a much later time', { aboutMs: Date.UTC(2025, 2, 16) }, 0],
] as const)('a file of visits long past %s', async (_, over, files) => {
  put('v.csv', `${header}\n${visit('P1')}\n`);
  const limited: Partial<ExtractRequest> = {
    qualityLimits: { minimumScore: 0.95, columns: {}, mostDrift: null },
    keepScores: async (_file, scores) => scores.map((score) => ({ ...score, drift: 0 })),
  };
  const { counts, heldIds } = await extract(aFeed('visits'), { ...limited, ...over });
  expect([counts.files, heldIds.length]).toEqual([files, 1 - files]);
});

test('of a file below its limit of quality nothing is published before a person accepts that very content', async () => {
  const kept: [limits: unknown, score: number | undefined][] = [];
  const over: Partial<ExtractRequest> = {
    qualityLimits: { minimumScore: 0.95, columns: {}, mostDrift: null },
    keepScores: async ({ limits }, scores) => {
      kept.push([limits, scores[0]?.score]);
      return scores.map((score) => ({ ...score, drift: 0 }));
    },
  };
  const visits = (last: string) => `${header}\n${visit('P1')}\n${visit('P2')}\n${visit('P3')}\n${last}\n`;
  const at = new Date(Date.UTC(2024, 2, 20));
  const putVisits = (name: string, last: string): void => {
    put(name, visits(last));
    utimesSync(join(root, name), at, at);
  };
  putVisits('good.csv', visit('P4'));
  putVisits('bad.csv', visit('P5', 'soon'));
  const first = await extract(aFeed('visits'), over);

  // One of four visits has no date that is one.
  expect(first).toMatchObject({ counts: { files: 1, quarantined: 1, read: 4, rejected: 0 }, heldIds: [expect.any(String)] });
  expect(first.heldIds).toEqual(first.quarantinedIds);
  expect(await recordsOf(topics.visitRecorded)).toHaveLength(4);
  expect(await recordsOf(topics.itemRejected)).toHaveLength(0);
  const bad = await world.desk.show(first.heldIds[0] ?? '');
  expect(bad).toMatchObject({
    state: 'QUARANTINED',
    errorCode: 'QUALITY_BELOW_LIMIT',
    errorDetail: expect.stringContaining('score 0.75 below 0.95; worst column visit_date 0.75.'),
  });
  expect((await extract(aFeed('visits'), over)).counts).toMatchObject({ files: 0, quarantined: 0 });

  await world.desk.requeue(bad.fileId);
  expect((await extract(aFeed('visits'), over)).counts).toMatchObject({ files: 1, quarantined: 0, read: 4, rejected: 1 });
  expect(await recordsOf(topics.visitRecorded)).toHaveLength(7);
  const judgements = kept.map(([limits, score]) => `${score} ${limits === null ? 'accepted' : 'held to a limit'}`);
  expect(new Set(judgements)).toEqual(new Set(['1 held to a limit', '0.75 held to a limit', '0.75 accepted']));

  // Another content under the same name was accepted by nobody.
  putVisits('bad.csv', visit('P6', 'later'));
  expect((await extract(aFeed('visits'), over)).counts).toMatchObject({ files: 0, quarantined: 1 });
  // What is put in quarantine for another reason is accepted for that, not whatever its quality.
  putVisits('set-aside.csv', visit('P7', 'never'));
  const { ledger } = requestOf(aFeed('visits'));
  const seen = await ledger.observe(source.name, await Array.fromAsync(source.list('set-aside.csv')));
  const aside = seen[0]?.record.fileId ?? '';
  await world.desk.quarantine(aside, 'asked by the hospital');
  await world.desk.requeue(aside);
  expect(await extract(aFeed('visits'), over)).toMatchObject({ counts: { files: 0, quarantined: 1 }, heldIds: [aside] });
});

test('a file that may not be read is for a person, and is taken once that is mended', async () => {
  put('a.json', claim('A'));
  chmodSync(join(root, 'a.json'), 0);
  // The owner of all files may read them whatever their rights say: then the refusal is played.
  const refuse = () => Promise.reject(new VigilError('UNREADABLE_FILE'));
  const guarded = process.getuid?.() === 0 ? { ...source, open: refuse } : source;
  await extract(aFeed('claims'), { source: guarded });
  expect(await statesOf()).toEqual([['a.json', 'QUARANTINED', 'UNREADABLE_FILE']]);
  chmodSync(join(root, 'a.json'), 0o600);
  const [file] = await filesOf();
  await world.desk.requeue(file?.fileId ?? '');
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 1, read: 1 });
});

test('a file that is replaced while it is read is left to the next run', async () => {
  put('a.json', `[${claim('A')},${' '.repeat(2_000_000)}${claim('B')}]`);
  const open: FileSource['open'] = async (file, offset) => {
    const stream = await source.open(file, offset);
    put('a.json', claim('C'));
    return stream;
  };
  expect((await extract(aFeed('claims'), { source: { ...source, open } })).counts).toMatchObject({ files: 0, waiting: 1 });
  expect(await statesOf()).toEqual([['a.json', 'DISCOVERED', null]]);
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 1, read: 1 });
  expect(await textsOf(topics.claimReceived)).toEqual([claim('C')]);
});

test('names that lead elsewhere are put aside unread', async () => {
  const evil = { path: '../../etc/passwd', bytes: 3, modifiedAtMs: 0, version: '1' };
  const list: FileSource['list'] = async function* () {
    yield evil;
  };
  for (const quarantined of [1, 0])
    expect((await extract(aFeed('claims'), { source: { ...source, list } })).counts).toMatchObject({ files: 0, quarantined });
  expect(await statesOf()).toEqual([[evil.path, 'QUARANTINED', 'UNSAFE_FILE_NAME']]);
});

test('a path that the ledger cannot hold is put aside, and the other files of its listing are loaded', async () => {
  put('a.json', claim('A'));
  // No two bytes alike in a row: an index would compress them.
  const deep = Array.from({ length: 250 }, (_, at) => createHash('sha256').update(`${at}`).digest('hex').slice(0, 15)).join('/');
  const list: FileSource['list'] = async function* (pattern) {
    yield { path: `${deep}/x.json`, bytes: 3, modifiedAtMs: 0, version: '1' };
    yield { path: 'nul\0.json', bytes: 3, modifiedAtMs: 0, version: '1' };
    yield* source.list(pattern);
  };
  expect((await extract(aFeed('claims'), { source: { ...source, list } })).counts).toMatchObject({ files: 1, quarantined: 2 });
  expect((await extract(aFeed('claims'), { source: { ...source, list } })).counts).toMatchObject({ files: 0, quarantined: 0 });
  expect((await statesOf()).map(([path, ...state]) => [path.slice(0, 7), ...state])).toEqual([
    [deep.slice(0, 7), 'QUARANTINED', 'FILE_PATH_TOO_LONG'],
    ['a.json', 'ARCHIVED', null],
    ['nul.jso', 'QUARANTINED', 'FILE_PATH_TOO_LONG'],
  ]);
});

test('a name that is not UTF-8 is put aside and told of, not waited for; the others are loaded, and it is once it is renamed', async () => {
  const within = (name: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);
  put('a.json', claim('A'));
  writeFileSync(within('b\u00e9.json'), claim('B'));
  writeFileSync(within('b\u00e8.json'), claim('C'));
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 1, quarantined: 1, waiting: 0 });
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 0, quarantined: 0, waiting: 0 });
  expect(await statesOf()).toEqual([
    ['a.json', 'ARCHIVED', null],
    ['b\ufffd.json', 'QUARANTINED', 'FILE_NAME_NOT_UTF8'],
  ]);
  renameSync(within('b\u00e9.json'), join(root, 'b\u00e9.json'));
  expect((await extract(aFeed('claims'))).counts).toMatchObject({ files: 1, waiting: 0 });
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A'), claim('B')]);
  rmSync(within('b\u00e8.json'));
});

test('a source that goes away fails the attempt; the next one takes up what it had begun, and nothing is published twice', async () => {
  for (const id of ['A', 'B', 'C']) put(`${id}.json`, claim(id));
  const away: FileSource = { ...source, archive: () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' })) };
  const first = requestOf(aFeed('claims'), { source: away, atOnce: 1 });
  expect(await failure(extractFiles(first))).toContain('gone');
  const again = { ...requestOf(aFeed('claims')), holder: { ...first.holder, epoch: 2 } };
  expect((await extractFiles(again)).counts).toMatchObject({ files: 2 });
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A'), claim('B'), claim('C')]);
  expect((await statesOf()).map(([, state]) => state)).toEqual(['ARCHIVED', 'ARCHIVED', 'ARCHIVED']);
});

test('an attempt that wakes up after another one loaded its file publishes nothing', async () => {
  put('a.json', claim('A'));
  const sleeper = requestOf(aFeed('claims'));
  // What it read of the checkpoints is from before.
  for (let job = 0; job < 20; job++) await sleeper.job.checkpoints.recall(`earlier:${job}`, 0);
  const others: { loading?: Promise<unknown> } = {};
  const ledger: typeof sleeper.ledger = {
    ...sleeper.ledger,
    async advance(mine, change) {
      const file = await sleeper.ledger.advance(mine, change);
      // Nobody hears of it any more, so another run takes the file, from the beginning to the archive.
      if (change.event === 'verified') await (others.loading ??= extract(aFeed('claims')));
      return file;
    },
  };
  expect((await extractFiles({ ...sleeper, ledger })).counts).toMatchObject({ files: 0, written: 0 });
  expect(await others.loading).toMatchObject({ counts: { files: 1, written: 1 } });
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A')]);
});

const forget = (request: ExtractRequest, graceMs?: number): Promise<number> =>
  forgetCheckpoints({ ...request.job, ledger: request.ledger, source: source.name, ...(graceMs !== undefined && { graceMs }) });

test('the checkpoint of an archived file is forgotten after its grace; one of a file in quarantine stays', async () => {
  put('a.json', claim('A'));
  put('b.csv', `${header}\n${visit('P1')}\n${visit('P2', 'soon')}\n`);
  const request = requestOf(aFeed('claims'), { pattern: '*.json' });
  await extractFiles(request);
  await extract(aFeed('visits'), { pattern: '*.csv', skipLimit: { count: 0, ratio: 0 } });
  expect((await statesOf()).map(([, state]) => state)).toEqual(['ARCHIVED', 'QUARANTINED']);
  for (let job = 0; job < 20; job++) await request.job.checkpoints.find(`earlier:${job}`, 0);
  expect(request.job.checkpoints.keys()).toHaveLength(2);

  expect(await forget(request)).toBe(0);
  const [kept, ...others] = request.job.checkpoints.keys();
  expect([kept?.split(':')[1], others]).toEqual([(await filesOf())[1]?.fileId, []]);
  expect(await forget(request, 0)).toBe(1);
  expect(await forget(request, 0)).toBe(0);
  const anew = openCheckpoints({ client: world.broker.connect(), registry: world.registry });
  for (let job = 0; job < 20; job++) await anew.find(`earlier:${job}`, 0);
  expect(anew.keys()).toEqual([kept]);
});

test('an attempt that slept until the checkpoint was forgotten publishes nothing', async () => {
  put('a.json', claim('A'));
  const sleeper = requestOf(aFeed('claims'));
  // Not the first one of this file.
  await sleeper.ledger.observe(source.name, await Array.fromAsync(source.list('*')));
  await database.pool.query('UPDATE orchestration.file SET attempt = 1 WHERE source = $1', [source.name]);
  const others: { loading?: Promise<number> } = {};
  const loadAndForget = async (): Promise<number> => {
    const other = requestOf(aFeed('claims'));
    await extractFiles(other);
    return forget(other, 0);
  };
  const ledger: typeof sleeper.ledger = {
    ...sleeper.ledger,
    async advance(mine, change) {
      const file = await sleeper.ledger.advance(mine, change);
      if (change.event === 'verified') await (others.loading ??= loadAndForget());
      return file;
    },
  };
  expect((await extractFiles({ ...sleeper, ledger })).counts).toMatchObject({ files: 0, written: 0 });
  expect(await others.loading).toBe(1);
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A')]);
});

test('a claim is one attempt’s: another may have it when that attempt no longer runs, and what the first does then is refused', async () => {
  put('a.json', claim('A'));
  const { ledger, holder } = requestOf(aFeed('claims'));
  const [seen] = await ledger.observe(source.name, await Array.fromAsync(source.list('*')));
  const fileId = seen?.record.fileId ?? '';
  await ledger.settle([fileId]);
  const running = (state: string) => database.pool.query(
    `INSERT INTO orchestration.task_run (run_id, task, part, workflow, task_type, state, epoch) VALUES ($1, 'extract', 0, 'w', 'batch', $2, 1)
     ON CONFLICT (run_id, task, part) DO UPDATE SET state = $2`, [holder.runId, state]); // prettier-ignore
  await running('running');
  const [mine] = await ledger.claim([fileId], holder);
  expect(mine).toMatchObject({ state: 'CLAIMED', epoch: 1, attempt: 1, runId: holder.runId });
  const other = { ...holder, runId: randomUUID() };
  expect(await ledger.claim([fileId], other)).toEqual([]);
  await running('failed');
  const [theirs] = await ledger.claim([fileId], other);
  expect(theirs).toMatchObject({ epoch: 2, attempt: 2, runId: other.runId });
  expect(await failure(ledger.advance({ fileId, epoch: 1 }, { event: 'released' }))).toBe('FENCED');
  await world.desk.quarantine(fileId, 'asked by the hospital');
  expect(await failure(ledger.advance({ fileId, epoch: 2 }, { event: 'released' }))).toBe('FENCED');
  expect(await world.desk.show(fileId)).toMatchObject({ state: 'QUARANTINED', errorDetail: 'asked by the hospital' });
  expect(await failure(world.desk.quarantine(fileId, 'again'))).toBe('BAD_USAGE');
  for (const id of ['no-id', randomUUID()]) expect(await failure(world.desk.show(id))).toBe('BAD_USAGE');
});

test('of files that are told of at one moment each is decided about by itself', async () => {
  const { ledger, holder } = requestOf(aFeed('claims'));
  const paths = ['a', 'b', 'c'];
  const seen = await ledger.observe(
    source.name,
    paths.map((path) => ({ path, bytes: 1, modifiedAtMs: 0, version: 'v1' })),
  );
  const ids = seen.map(({ record }) => record.fileId);
  await ledger.settle(ids);
  const claimed = await ledger.claim(ids, holder);
  const claims = ids.map((id) => claimed.find(({ fileId }) => fileId === id));
  const stage = (at: number, sha256: string) => ledger.advance(claims[at]!, { event: 'staged', sha256, bytes: 1 });
  // The same content twice: one is first, the other waits for what becomes of it.
  const staged = await Promise.all([stage(0, 'same'), stage(1, 'same'), stage(2, 'other')]);
  expect(staged.map(({ state }) => state)).toEqual(['STAGED', 'STABLE', 'STAGED']);

  // What the database refuses of one (no text of it holds a NUL), and what is another's by now, is no other file's fault.
  const told = await Promise.allSettled([
    ledger.advance(claims[0]!, { event: 'quarantined', code: 'BAD_CSV', detail: '\0' }),
    ledger.advance(claims[2]!, { event: 'verified', recordsExpected: null }),
    ledger.advance({ ...claims[1]!, epoch: 9 }, { event: 'released' }),
  ]);
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  expect((await world.desk.show(ids[2] ?? '')).state).toBe('VERIFIED');
});

test('a file that comes back as it was loaded goes to the archive again; while one is under way its next version waits', async () => {
  const { ledger, holder } = requestOf(aFeed('claims'));
  const found = { path: 'a.json', bytes: 1, modifiedAtMs: 0, version: 'v1' };
  const look = async (version: string) => (await ledger.observe(source.name, [{ ...found, version }]))[0];
  const first = await look('v1');
  const fileId = first?.record.fileId ?? '';
  expect((await look('v2'))?.observation.kind).toBe('replaced');
  await ledger.settle([fileId]);
  await database.pool.query(
    `INSERT INTO orchestration.task_run (run_id, task, part, workflow, task_type, state, epoch) VALUES ($1, 'extract', 0, 'w', 'batch', 'running', 1)`,
    [holder.runId],
  );
  await ledger.claim([fileId], holder);
  expect((await look('v3'))?.observation.kind).toBe('busy');
  for (const change of [
    { event: 'staged', sha256: 'x', bytes: 1 },
    { event: 'verified', recordsExpected: 1 },
    { event: 'loaded', counts: { read: 1, ok: 1, rejected: 0 } },
    { event: 'archived' },
  ] as const)
    await ledger.advance({ fileId, epoch: 1 }, change);
  expect((await look('v2'))?.observation.kind).toBe('loaded');
  const next = await look('v3');
  expect(next).toMatchObject({ observation: { kind: 'new', revision: 2 }, record: { state: 'DISCOVERED' } });
  await world.desk.quarantine(next?.record.fileId ?? '', 'x');
  // An object put back: its version is that of revision 1.
  expect((await look('v2'))?.observation.kind).toBe('loaded');
});

test('staging goes on where SFTP was cut, and gives up when it stays away', async () => {
  const server = await startSftpServer().catch((error: unknown) => void process.stderr.write(`skipped: ${String(error)}\n`));
  if (!server) return;
  const content = Buffer.alloc(3_000_000, 'abcdefg');
  writeFileSync(join(server.root, 'big.json'), content);
  const link = await createFaultyLink({ listen: { host: '127.0.0.1', port: 0 }, target: server });
  const sftp = openFileSource({
    kind: 'sftp',
    name: 'cut',
    ...server,
    port: link.address.port,
    credential: { privateKey: server.privateKey },
  });
  const [file] = await Array.fromAsync(sftp.list('*'));
  if (!file) throw new Error('no file');
  let opened = 0;
  const cutOnce: FileSource = { ...sftp, open: async (asked, offset) => {
    const stream = await sftp.open(asked, offset);
    if (opened++ === 0) stream.once('data', () => link.reset());
    return stream;
  } }; // prettier-ignore
  const options = { directory: join(world.home, 'staging'), name: 'f1', signal: new AbortController().signal, retryDelayMs: 1 };
  const staged = await stageFile(cutOnce, file, options);
  expect(opened).toBeGreaterThan(1);
  expect(staged.bytes).toBe(content.length);
  expect(execFileSync('sha256sum', [staged.path], { encoding: 'utf8' })).toContain(staged.sha256);
  await link.close();
  expect(await failure(stageFile(sftp, file, { ...options, name: 'f2' }))).toBe('SOURCE_AWAY');
  expect(readdirSync(join(world.home, 'staging'))).toEqual(['f1']);
  await sftp.close();
  await server.stop();
}, 60_000);

test('a disk without room for the copy fails the attempt and keeps nothing of it', async () => {
  const disk = join(world.home, 'small');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'vigil-test', disk], { stdio: 'ignore' });
  } catch {
    return void process.stderr.write('skipped: this process may not mount\n');
  }
  try {
    put('a.json', `[${claim('A')}${' '.repeat(1_000_000)}]`);
    const run = requestOf(aFeed('claims'), { stagingDirectory: disk });
    expect(await failure(extractFiles(run))).toBe('DISK_UNWRITABLE');
    expect(readdirSync(disk)).toEqual([]);
    const again = { ...run, stagingDirectory: join(world.home, 'staging'), holder: { ...run.holder, epoch: 2 } };
    expect((await extractFiles(again)).counts).toMatchObject({ files: 1 });
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('what an attempt that died had begun of a file that was replaced since is for a person; its new content is loaded whole', async () => {
  put('v.csv', `${header}\n${visit('P1')}\n${visit('P2')}\n`);
  const first = requestOf(aFeed('visits'));
  const dies: typeof first.ledger = {
    ...first.ledger,
    advance: (mine, change) => (change.event === 'loaded' ? Promise.reject(new Error('killed')) : first.ledger.advance(mine, change)),
  };
  expect(await failure(extractFiles({ ...first, ledger: dies }))).toContain('killed');
  put('v.csv', `${header}\n${visit('P3')}\n${visit('P4')}\n${visit('P5')}\n`);
  expect((await extract(aFeed('visits'))).counts).toMatchObject({ files: 1, read: 3, written: 6 });
  expect(await statesOf()).toEqual([
    ['v.csv', 'QUARANTINED', 'SOURCE_FILE_CHANGED'],
    ['v.csv', 'ARCHIVED', null],
  ]);
});

test('an attempt that died before it had a file whole leaves it to whatever stands there now', async () => {
  const { ledger, holder } = requestOf(aFeed('claims'));
  const found = { path: 'a.json', bytes: 1, modifiedAtMs: 0, version: 'v1' };
  const [seen] = await ledger.observe(source.name, [found]);
  const fileId = seen?.record.fileId ?? '';
  await ledger.settle([fileId]);
  await ledger.claim([fileId], holder);
  const [next] = await ledger.observe(source.name, [{ ...found, version: 'v2' }]);
  expect(next).toMatchObject({
    observation: { kind: 'replaced' },
    record: { fileId, version: 'v2', state: 'DISCOVERED', errorCode: null },
  });
  expect(await failure(ledger.advance({ fileId, epoch: 1 }, { event: 'staged', sha256: 'x', bytes: 1 }))).toBe('FENCED');
});

test('a file that looks like one that was loaded is archived unread only when its content is the same', async () => {
  const atRest = new Date(Date.UTC(2026, 0, 2));
  // As SFTP tells of files: size and second.
  const coarse: FileSource = {
    ...source,
    async *list(pattern) {
      for await (const file of source.list(pattern)) yield { ...file, version: `${file.bytes}` };
    },
    open: async (file) => source.open((await Array.fromAsync(source.list(file.path)))[0] ?? file),
    archive: async (file) => source.archive((await Array.fromAsync(source.list(file.path)))[0] ?? file),
  };
  const deliver = async (content: string) => {
    put('a.json', content);
    utimesSync(join(root, 'a.json'), atRest, atRest);
    return (await extract(aFeed('claims'), { source: coarse })).counts;
  };
  expect(await deliver(claim('A'))).toMatchObject({ files: 1, written: 1 });
  expect(await deliver(claim('B'))).toMatchObject({ files: 1, written: 1 });
  expect(await deliver(claim('A'))).toMatchObject({ files: 0 });
  expect(await deliver(claim('B'))).toMatchObject({ files: 0 });
  expect(await textsOf(topics.claimReceived)).toEqual([claim('A'), claim('B')]);
  expect(readdirSync(root)).toEqual(['archive']);
  expect((await statesOf()).map(([, state]) => state)).toEqual(['ARCHIVED', 'ARCHIVED']);
});

test('another content under the same name, size and time is not gone on with where the first one stopped', async () => {
  const pinned: FileSource = {
    ...source,
    async *list(pattern) {
      for await (const file of source.list(pattern)) yield { ...file, version: 'same' };
    },
    open: async (file, offset) => {
      for await (const now of source.list('*')) if (now.path === file.path) return source.open(now, offset);
      throw new Error('gone');
    },
    archive: async () => undefined,
  };
  put('v.csv', `${header}\n${visit('P1')}\n${visit('P2', 'x')}\n`);
  await extract(aFeed('visits'), { source: pinned, skipLimit: { count: 0, ratio: 1 } });
  expect(await statesOf()).toEqual([['v.csv', 'QUARANTINED', 'JOB_SKIP_LIMIT']]);
  put('v.csv', `${header}\n${visit('P8')}\n${visit('P9')}\n`);
  await world.desk.requeue((await filesOf())[0]?.fileId ?? '');
  expect((await extract(aFeed('visits'), { source: pinned })).counts).toMatchObject({ files: 1, read: 2, rejected: 0 });
  // One of the first content, both of the second.
  expect(await recordsOf(topics.visitRecorded)).toHaveLength(3);
});

test('looks of several parts at the same moment are one look: a file that grows is not taken for whole', async () => {
  const { ledger } = requestOf(aFeed('claims'));
  const found = { path: 'a.json', bytes: 1, modifiedAtMs: 0, version: 'v1' };
  const pollsOf = async (pollMs: number) => (await ledger.observe(source.name, [found], pollMs))[0]?.record.polls;
  expect([await pollsOf(60_000), await pollsOf(60_000), await pollsOf(60_000)]).toEqual([1, 1, 1]);
  await database.pool.query(`UPDATE orchestration.file SET changed_at = changed_at - interval '60 seconds' WHERE source = $1`, [
    source.name,
  ]);
  expect([await pollsOf(60_000), await pollsOf(60_000)]).toEqual([2, 2]);
});
