import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isVigilError } from '@vigil/core';
import { createFaultyLink, startS3Server, startSftpServer, type S3Server, type SftpServer } from '@vigil/testing';
import type { FileSource, FoundFile } from './file-source.ts';
import { openFileSource } from './open-file-source.ts';
import { createS3Calls } from './s3-calls.ts';
import { openS3 } from './open-s3.ts';
import type { S3Options, SftpOptions } from './source-options.ts';

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const textOf = async (source: FileSource, file: FoundFile, offset?: number): Promise<string> =>
  Buffer.concat(await collect((await source.open(file, offset)) as AsyncIterable<Buffer>)).toString();
const only = async (source: FileSource, pattern: string): Promise<FoundFile> => {
  const [found] = await collect(source.list(pattern));
  if (!found) throw new Error(`nothing matches ${pattern}`);
  return found;
};
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isVigilError(error) ? error.code : String(error)),
  );

/** A real server, and its files as the test puts them. */
interface Place {
  readonly root: string;
  readonly source: FileSource;
  /** As a sender does: a file whole at once. */
  put(path: string, text: string): Promise<void>;
  /** The same, its folder of acknowledgements named. */
  without(acknowledgements: string): FileSource;
  stop(): Promise<void>;
}

const sftpOptions = (server: SftpServer, port = server.port): SftpOptions => ({
  kind: 'sftp',
  name: 'ward',
  host: server.host,
  port,
  user: server.user,
  credential: { privateKey: server.privateKey },
  hostKey: server.hostKey,
  root: server.root,
});
const s3Options = ({ endpoint, region, bucket, accessKeyId, secretAccessKey }: S3Server): S3Options => ({
  kind: 's3',
  name: 'bucket',
  endpoint,
  region,
  bucket,
  accessKeyId,
  secretAccessKey,
});

let sftp: SftpServer | null = null;
let s3: S3Server | null = null;

const orSkip = async <Server>(start: () => Promise<Server>): Promise<Server | null> => {
  try {
    return await start();
  } catch (error) {
    if (!isVigilError(error) || error.code !== 'MISSING_PROGRAM') throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
    return null;
  }
};

// Where the S3 server was never built its tests are skipped, unless VIGIL_BUILD_S3=1 asks for minutes of building.
beforeAll(async () => {
  sftp = await orSkip(startSftpServer);
  s3 = await orSkip(startS3Server);
}, 400_000);
afterAll(async () => {
  await Promise.all([sftp?.stop(), s3?.stop()]);
});

const putInto =
  (root: string) =>
  async (path: string, text: string): Promise<void> => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, '.draft'), text);
    renameSync(join(root, '.draft'), join(root, path));
  };
const folderPlace = (): Place => {
  const root = mkdtempSync(join(tmpdir(), 'vigil-folder-'));
  const source = openFileSource({ kind: 'folder', name: 'drop', root });
  const without = (acknowledgements: string) => openFileSource({ kind: 'folder', name: 'drop', root, acknowledgements });
  return { root, source, without, put: putInto(root), stop: async () => rmSync(root, { recursive: true }) };
};
const emptied = (root: string): string => {
  for (const entry of readdirSync(root)) rmSync(join(root, entry), { recursive: true });
  return root;
};
const sftpPlace = (): Place | null => {
  if (!sftp) return null;
  const options = sftpOptions(sftp);
  const source = openFileSource(options);
  const without = (acknowledgements: string) => openFileSource({ ...options, acknowledgements });
  return { root: emptied(sftp.root), source, without, put: putInto(sftp.root), stop: () => source.close() };
};
const s3Place = (): Place | null => {
  if (!s3) return null;
  const options = s3Options(s3);
  const source = openFileSource(options);
  const without = (acknowledgements: string) => openFileSource({ ...options, acknowledgements });
  const call = createS3Calls(s3Options(s3));
  const put = async (key: string, text: string): Promise<void> => {
    expect((await call({ method: 'PUT', key, body: text })).status).toBe(200);
  };
  return { root: emptied(s3.directory), source, without, put, stop: () => source.close() };
};

describe.each([
  ['a folder', folderPlace],
  ['SFTP', sftpPlace],
  ['S3', s3Place],
])('%s', (_what, open) => {
  let place: Place | null;
  beforeEach(() => {
    place = open();
  });
  afterEach(() => place?.stop());
  const put = async (path: string, text: string): Promise<void> => place?.put(path, text);

  test('lists what matches, in order, folders only where the pattern names them, never its archive', async () => {
    if (!place) return;
    for (const path of ['b.json', 'a.json', 'a.csv', 'day 1+2/c.json', 'archive/old.json']) await put(path, path);
    const pathsOf = async (pattern: string): Promise<string[]> =>
      (await collect((place as Place).source.list(pattern))).map(({ path }) => path).sort();
    expect(await pathsOf('*.json')).toEqual(['a.json', 'b.json']);
    expect(await pathsOf('*/*.json')).toEqual(['day 1+2/c.json']);
    expect(await pathsOf('**/*.json')).toEqual(['a.json', 'b.json', 'day 1+2/c.json']);
    expect(await only(place.source, 'a.csv')).toMatchObject({ path: 'a.csv', bytes: 5, version: expect.stringMatching(/./) });
    expect(await textOf(place.source, await only(place.source, '*/*.json'))).toBe('day 1+2/c.json');
  });

  test('what is put there is whole, takes the place of its name, and is not listed where it is the source’s own', async () => {
    if (!place) return;
    await place.source.put('sent/1.ack', Buffer.from('first'));
    await place.source.put('sent/1.ack', Buffer.from('AK9'));
    expect((await collect(place.source.list('**/*'))).map(({ path }) => path)).toEqual(['sent/1.ack']);
    expect(await textOf(place.source, await only(place.source, '*/*'))).toBe('AK9');
    expect(await codeOf(place.source.put('../1.ack', Buffer.from('x')))).toBe('UNSAFE_FILE_NAME');
    const blind = place.without('sent');
    expect(await collect(blind.list('**/*'))).toEqual([]);
    await blind.close();
  });

  test('reads from any place on, also at the end', async () => {
    if (!place) return;
    await put('a.txt', '0123456789');
    const file = await only(place.source, 'a.txt');
    expect(await textOf(place.source, file)).toBe('0123456789');
    expect(await textOf(place.source, file, 7)).toBe('789');
    expect(await textOf(place.source, file, 10)).toBe('');
  });

  test('archives under a name of its own each time, and takes a file that is gone as archived', async () => {
    if (!place) return;
    for (const text of ['first', 'second']) {
      await put('in/a.txt', text);
      await place.source.archive(await only(place.source, 'in/a.txt'));
    }
    expect(readdirSync(join(place.root, 'archive/in')).sort()).toEqual(['a.txt', 'a.txt.2']);
    await put('b.txt', 'x');
    const gone = await only(place.source, 'b.txt');
    unlinkSync(join(place.root, 'b.txt'));
    await place.source.archive(gone);
    expect(await codeOf(place.source.open(gone).then((stream) => collect(stream as AsyncIterable<Buffer>)))).toBe('SOURCE_FILE_GONE');
  });

  test('a file that was replaced since it was listed is neither read nor archived', async () => {
    if (!place) return;
    await put('a.txt', 'first');
    const listed = await only(place.source, 'a.txt');
    await put('a.txt', 'another');
    expect(await codeOf(textOf(place.source, listed))).toBe('SOURCE_FILE_CHANGED');
    expect(await codeOf(place.source.archive(listed))).toBe('SOURCE_FILE_CHANGED');
  });

  test('a file that is replaced while it is read is not given as whole', async () => {
    if (!place) return;
    await put('a.txt', 'x'.repeat(1_000_000));
    const stream = (await place.source.open(await only(place.source, 'a.txt'))) as AsyncIterable<Buffer>;
    const iterator = stream[Symbol.asyncIterator]();
    let bytes = (await iterator.next()).value?.length ?? 0;
    await put('a.txt', 'y'.repeat(999_999));
    const drain = async (): Promise<void> => {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        bytes += next.value.length;
        expect(next.value.includes('y')).toBe(false);
      }
    };
    // Of an object that is being read the server keeps the old version to its end: then it was whole.
    expect(['SOURCE_FILE_CHANGED', 'none']).toContain(await codeOf(drain()));
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    if (place.source.name !== 'bucket') expect(await codeOf(textOf(place.source, await only(place.source, 'a.txt')))).toBe('none');
  });

  test('a path that leads out of the source is never followed', async () => {
    if (!place) return;
    const evil: FoundFile = { path: '../../etc/hostname', bytes: 1, modifiedAtMs: 0, version: 'x' };
    expect(await codeOf((async () => place?.source.open(evil))())).toBe('UNSAFE_FILE_NAME');
    expect(await codeOf((async () => place?.source.archive(evil))())).toBe('UNSAFE_FILE_NAME');
  });
});

test('links in a folder are neither listed nor followed', async () => {
  const place = folderPlace();
  const { root, source } = place;
  writeFileSync(join(root, 'a.txt'), 'mine');
  const listed = await only(source, 'a.txt');
  rmSync(join(root, 'a.txt'));
  symlinkSync('/etc/hostname', join(root, 'a.txt'));
  expect(await collect(source.list('*'))).toEqual([]);
  expect(await codeOf(source.open(listed))).toBe('SOURCE_FILE_CHANGED');
  await place.stop();
});

const latin = (name: string): Buffer => Buffer.from(name, 'latin1');

/** Names as a sender with another encoding leaves them: two that look alike, a folder, and one that is UTF-8 all the same. */
function putLostNames(root: string): void {
  const within = (name: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), latin(name)]);
  writeFileSync(within('n\u00e9.json'), 'x');
  writeFileSync(within('n\u00e8.json'), 'xx');
  mkdirSync(within('d\u00e9'));
  writeFileSync(within('d\u00e9/a.json'), 'x');
  writeFileSync(join(root, 'true\ufffd.json'), 'mine');
  writeFileSync(join(root, 'a.json'), 'x');
}

test.each([
  ['a folder', folderPlace],
  ['SFTP', sftpPlace],
])('%s: a name that is not UTF-8 is told of as such, and keeps no other out of the listing', async (_what, open) => {
  const place = open();
  if (!place) return;
  putLostNames(place.root);
  const found = await collect(place.source.list('**'));
  const told = found.map(({ path, isNameLost = false }) => `${path} ${isNameLost}`).sort();
  expect(told).toEqual(['a.json false', 'd\ufffd true', 'n\ufffd.json true', 'n\ufffd.json true', 'true\ufffd.json false']);
  expect((await collect(place.source.list('*.csv'))).length).toBe(0);
  const real = found.find(({ path }) => path === 'true\ufffd.json');
  expect(real && (await textOf(place.source, real))).toBe('mine');
  for (const name of readdirSync(place.root, { encoding: 'buffer' }))
    rmSync(Buffer.concat([Buffer.from(`${place.root}/`), name]), { recursive: true });
  await place.stop();
});

test('a folder that is not there counts as away', async () => {
  const source = openFileSource({ kind: 'folder', name: 'drop', root: '/nowhere/at/all' });
  expect(await codeOf(collect(source.list('*')))).toBe('SOURCE_AWAY');
});

test('SFTP: a connection that is cut in the middle of a file fails it, and the next one goes on from there', async () => {
  if (!sftp) return;
  writeFileSync(join(emptied(sftp.root), 'big.bin'), Buffer.alloc(4_000_000, 'abcdefgh'));
  const link = await createFaultyLink({ listen: { host: '127.0.0.1', port: 0 }, target: sftp });
  const source = openFileSource(sftpOptions(sftp, link.address.port));
  const file = await only(source, 'big.bin');
  const parts: Buffer[] = [];
  const read = async (): Promise<void> => {
    const offset = parts.reduce((sum, { length }) => sum + length, 0);
    for await (const chunk of await source.open(file, offset)) {
      parts.push(chunk as Buffer);
      if (offset === 0) link.reset();
    }
  };
  expect(await codeOf(read())).toBe('SOURCE_AWAY');
  expect(parts.length).toBeGreaterThan(0);
  expect(await codeOf(read())).toBe('none');
  expect(Buffer.concat(parts).equals(Buffer.alloc(4_000_000, 'abcdefgh'))).toBe(true);
  await source.close();
  await link.close();
});

test('SFTP: a server that falls silent is given up after the time of a call, and of a download', async () => {
  if (!sftp) return;
  writeFileSync(join(emptied(sftp.root), 'big.bin'), Buffer.alloc(4_000_000));
  const link = await createFaultyLink({ listen: { host: '127.0.0.1', port: 0 }, target: sftp });
  const source = openFileSource({ ...sftpOptions(sftp, link.address.port), callMs: 300, idleMs: 300 });
  const file = await only(source, 'big.bin');
  const read = async (): Promise<void> => {
    for await (const _ of await source.open(file)) link.change({ kind: 'dark' });
  };
  expect(await codeOf(read())).toBe('SOURCE_AWAY');
  expect(await codeOf(collect(source.list('*')))).toBe('SOURCE_AWAY');
  await source.close();
  await link.close();
});

test('SFTP: a key that is not known and a host that is another are refused for good', async () => {
  if (!sftp) return;
  const stranger = openFileSource({ ...sftpOptions(sftp), credential: { password: 'guessed' } });
  expect(await codeOf(collect(stranger.list('*')))).toBe('SOURCE_DENIED');
  const imposter = openFileSource({ ...sftpOptions(sftp), hostKey: 'SHA256:of-another-host' });
  expect(await codeOf(collect(imposter.list('*')))).toBe('SOURCE_DENIED');
  const nobody = openFileSource({ ...sftpOptions(sftp), port: 1 });
  expect(await codeOf(collect(nobody.list('*')))).toBe('SOURCE_AWAY');
});

test('SFTP: two contents of one size within a second look the same to a listing: their hash tells them apart', async () => {
  if (!sftp) return;
  const path = join(emptied(sftp.root), 'a.txt');
  const source = openFileSource(sftpOptions(sftp));
  const versions: string[] = [];
  for (const text of ['one', 'two']) {
    writeFileSync(path, text);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    versions.push((await only(source, 'a.txt')).version);
  }
  expect(versions[0]).toBe(versions[1]);
  await source.close();
});

describe('an S3 server that is busy', () => {
  let server: Server;
  let answers: ((url: string) => { status: number; body?: string })[];
  let asked: string[];
  const waits: number[] = [];
  const busy = async (): Promise<FileSource> => {
    answers = [];
    asked = [];
    waits.length = 0;
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { status, body = '' } = (answers.length > 1 ? answers.shift() : answers[0])?.(request.url ?? '') ?? { status: 500 };
      response.writeHead(status).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const options: S3Options = {
      kind: 's3',
      name: 'busy',
      endpoint: `http://127.0.0.1:${port}`,
      region: 'x',
      bucket: 'b',
      accessKeyId: 'i',
      secretAccessKey: 's',
      prefix: 'in/',
    };
    return openS3(options, { random: () => 0.5, sleep: async (ms) => void waits.push(ms) });
  };
  const page = (keys: readonly string[], next?: string): string =>
    `<ListBucketResult>${next === undefined ? '' : `<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>`}${keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e1&quot;</ETag><Size>7</Size></Contents>`,
      )
      .join('')}</ListBucketResult>`;

  test('is asked again after waits that grow, and the pages of its listing follow each other', async () => {
    const source = await busy();
    const slow = () => ({ status: 503, body: '<Error><Code>SlowDown</Code></Error>' });
    answers = [
      slow,
      slow,
      () => ({ status: 200, body: page(['in/a&amp;b.csv', 'in/', 'other/x'], 'tok') }),
      () => ({ status: 200, body: page(['in/&#x63;.csv', 'in/&unknown;.csv', 'in/archive/z.csv']) }),
    ];
    const found = await collect(source.list('**'));
    expect(found).toEqual(
      ['a&b.csv', 'c.csv', '&unknown;.csv'].map((path) => ({ path, bytes: 7, modifiedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5), version: 'e1' })),
    );
    expect(waits).toEqual([100, 200]);
    expect(asked.at(-1)).toContain('continuation-token=tok');
    server.close();
  });

  test('is given up after six calls; a refusal and a missing bucket at once', async () => {
    const source = await busy();
    answers = [() => ({ status: 503 })];
    expect(await codeOf(collect(source.list('*')))).toBe('SOURCE_AWAY');
    expect(asked).toHaveLength(6);
    for (const [status, code] of [
      [403, 'SOURCE_DENIED'],
      [404, 'SOURCE_DENIED'],
      [400, 'SOURCE_AWAY'],
    ] as const) {
      asked = [];
      answers = [() => ({ status })];
      expect([await codeOf(collect(source.list('*'))), asked.length]).toEqual([code, 1]);
    }
    server.close();
  });

  test('an object is removed only once its copy is made, and only while it is the one that was copied', async () => {
    const source = await busy();
    const file: FoundFile = { path: 'a.csv', bytes: 7, modifiedAtMs: 0, version: 'e1' };
    const isThere = () => ({ status: 200 });
    const isFree = () => ({ status: 404 });
    // As S3 tells of a copy that failed after its headers were sent.
    answers = [isThere, isFree, () => ({ status: 200, body: '<Error><Code>InternalError</Code></Error>' })];
    expect(await codeOf(source.archive(file))).toBe('SOURCE_AWAY');
    expect(asked).toEqual(['HEAD /b/in/a.csv', 'HEAD /b/in/archive/a.csv', 'PUT /b/in/archive/a.csv']);

    answers = [isThere, isFree, () => ({ status: 200, body: '<CopyObjectResult/>' }), () => ({ status: 412 })];
    expect(await codeOf(source.archive(file))).toBe('SOURCE_FILE_CHANGED');
    expect(asked.at(-1)).toBe('DELETE /b/in/a.csv');
    server.close();
  });

  test('a download that breaks off is told as such, an answer with another status too', async () => {
    const source = await busy();
    server.removeAllListeners('request');
    let status = 200;
    server.on('request', (_request, response) => {
      response.writeHead(status, { 'content-length': '7' }).write('abc');
      setImmediate(() => response.destroy());
    });
    const file: FoundFile = { path: 'a.csv', bytes: 7, modifiedAtMs: 0, version: 'e1' };
    expect(await codeOf(textOf(source, file))).toBe('SOURCE_AWAY');
    status = 206;
    expect(await codeOf(textOf(source, file))).toBe('SOURCE_AWAY');
    server.close();
  });
});
