import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { isVigilError } from '@vigil/core';
import { generate837 } from '@vigil/testing';
import * as fc from 'fast-check';
import { aZip } from '../../../claim-formats/test-support/zip.ts';
import { aFeed } from '../../test-support/a-feed.ts';
import type { PositionedItem } from '../job/batch-job.ts';
import { createRowCutter } from './cut-rows.ts';
import { decodeText, type Encoding } from './decode-text.ts';
import type { FileFeed } from './file-feed.ts';
import { guessDelimiter } from './read-csv.ts';
import { readItems, type Acknowledgement, type FileItem } from './read-items.ts';
import { parseManifest, verifyFile, type Manifest } from './verify-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-content-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
const aFile = (bytes: Buffer | string) => {
  const content = Buffer.from(bytes as Buffer);
  const path = join(directory, String(files++));
  writeFileSync(path, content);
  return { path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), fileId: 'f1' };
};
type Read = { items: PositionedItem<FileItem>[]; encodings: readonly Encoding[]; acknowledgements: string[] };
async function readAll(
  bytes: Buffer | string,
  feed: FileFeed,
  { position = null, manifest = {} }: { position?: string | null; manifest?: Manifest } = {},
): Promise<Read> {
  const acknowledgements: string[] = [];
  const onAcknowledgement = async ({ type, interchangeControl, ordinal }: Acknowledgement) =>
    void acknowledgements.push(`${type} ${interchangeControl} ${ordinal}`);
  const options = { feed, nowMs: 0, onAcknowledgement };
  const file = await verifyFile(aFile(bytes), options, manifest);
  const items: PositionedItem<FileItem>[] = [];
  for await (const item of readItems(file, options, position)) items.push(item);
  return { items, encodings: file.encodings, acknowledgements };
}
const failure = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isVigilError(error) ? `${error.code}: ${error.message}` : String(error)),
  );
const rowsOf = ({ items }: Read): unknown[] => items.map(({ item, line }) => [line, item.kind === 'row' ? item.row : item.kind]);

const visits = aFeed('visits');
const header = 'patient_id,visit_date,note';

describe('CSV', () => {
  test('rows tell the line on which they begin, over quoted newlines, blank lines and both ends of line', async () => {
    const text = `${header}\nP1,2024-03-15,"a\nb, ""c"""\n\nP2,2024-03-16,d\r\nP3,2024-03-17,"e\r\nf"\r\nP4,2024-03-18,g`;
    expect(rowsOf(await readAll(text, visits))).toEqual([
      [2, { patient_id: 'P1', visit_date: '2024-03-15', note: 'a\nb, "c"' }],
      [5, { patient_id: 'P2', visit_date: '2024-03-16', note: 'd' }],
      [6, { patient_id: 'P3', visit_date: '2024-03-17', note: 'e\r\nf' }],
      [8, { patient_id: 'P4', visit_date: '2024-03-18', note: 'g' }],
    ]);
  });

  test('a row of another number of fields is told as such, the others are rows', async () => {
    const { items } = await readAll(`${header}\nP1,2024-03-15\nP2,2024-03-16,x,y\nP3,2024-03-17,z\n`, visits);
    expect(items.map(({ item, line, place, position }) => [item.kind, line, place, position])).toEqual([
      ['ragged', 2, 'line 2', '1'],
      ['ragged', 3, 'line 3', '2'],
      ['row', 4, 'line 4', '3'],
    ]);
  });

  test('columns are found by the names that the source declares', async () => {
    const feed = aFeed('visits', {
      csv: { delimiter: ';', columns: { 'Pat-Nr': 'patient_id', Datum: 'visit_date' }, required: ['patient_id', 'visit_date'] },
    });
    expect(rowsOf(await readAll(' Pat-Nr ;Datum;x\nP1;2024-03-15;1', feed))).toEqual([
      [2, { patient_id: 'P1', visit_date: '2024-03-15', x: '1' }],
    ]);
  });

  test('a header without a column that is needed sends the file back, by the column’s name', async () => {
    expect(await failure(readAll('patient_id,note\nP1,x\n', visits))).toMatch(/^MISSING_COLUMN: .*Missing: visit_date\./);
    expect(await failure(readAll('patient_id,visit_date,visit_date\n', visits))).toMatch(/^BAD_CSV: /);
  });

  test('a quote that does not end is told with the line of its row, never with what stands there', async () => {
    const text = `${header}\nP1,2024-03-15,x\nP2,2024-03-16,"SECRET\nP3,2024-03-17,y\n`;
    const told = await failure(readAll(text, visits));
    expect(told).toMatch(/^BAD_CSV: .*From line 3 on/);
    expect(told).not.toContain('SECRET');
  });

  test('a quote where none may stand breaks its row and no other', async () => {
    const text = `${header}\nP1,2024-03-15,x"y"\nP2,2024-03-16,"a"b\nP3,2024-03-17,"c\nd"\nP4,2024-03-18,e`;
    expect(rowsOf(await readAll(text, visits))).toEqual([
      [2, 'broken'],
      [3, 'broken'],
      [4, { patient_id: 'P3', visit_date: '2024-03-17', note: 'c\nd' }],
      [6, { patient_id: 'P4', visit_date: '2024-03-18', note: 'e' }],
    ]);
  });

  test('what is written as RFC 4180 says is read back, wherever it is cut', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' '), maxLength: 6 });
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { maxLength: 8 });
    const written = (value: string, isBare: boolean): string =>
      isBare && !/[",\n\r]/.test(value) ? value : `"${value.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (wanted, ending, isBare, sizes) => {
          const text = wanted.map((fields) => fields.map((value) => written(value, isBare)).join(',')).join(ending);
          const cutter = createRowCutter(',');
          const found: (readonly string[] | null)[] = [];
          let at = 0;
          for (const size of sizes) for (const { fields } of cutter.push(text.slice(at, (at += size)))) found.push(fields);
          for (const { fields } of [...cutter.push(text.slice(at)), ...cutter.end()]) found.push(fields);
          expect(found).toEqual(wanted);
        },
      ),
    );
  });

  test('a row that never ends is given up at 1 MiB', () => {
    const cutter = createRowCutter(',');
    cutter.push('a,b\nx,"');
    expect(() => cutter.push('y'.repeat(1024 * 1024))).toThrow(expect.objectContaining({ code: 'BAD_CSV' }));
  });

  test.each([
    [',', 'a,b,c;d'],
    [';', 'a;b,c;d'],
    ['\t', 'a\tb'],
    ['|', '"a,b,c"|d|e'],
  ])('the delimiter %j is told by the header', (delimiter, line) => {
    expect(guessDelimiter(`${line}\n1,2,3,4,5,6`)).toBe(delimiter);
  });

  test('every position is one to go on from', async () => {
    const text = `${header}\n${Array.from({ length: 5 }, (_, index) => `P${index},2024-03-15,x`).join('\n')}`;
    for (let position = 0; position <= 5; position++) {
      const { items } = await readAll(text, visits, { position: String(position) });
      expect(items.map((item) => item.position)).toEqual(['1', '2', '3', '4', '5'].slice(position));
    }
    expect(await failure(readAll(text, visits, { position: 'somewhere' }))).toMatch(/^BAD_USAGE/);
  });
});

describe('encodings', () => {
  const text = `${header}\nP1,2024-03-15,Größe € 9\n`;
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  test.each<[string, Buffer, FileFeed['encoding'], Encoding]>([
    ['UTF-8', Buffer.from(text), 'utf-8', 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), 'utf-8', 'utf-8'],
    ['UTF-16, little end first, with a mark', utf16, 'utf-8', 'utf-16le'],
    ['UTF-16, big end first, with a mark', Buffer.from(utf16).swap16(), 'utf-8', 'utf-16be'],
    ['UTF-16 without a mark', utf16.subarray(2), 'utf-8', 'utf-16le'],
    ['UTF-16, big end first, without a mark', Buffer.from(utf16.subarray(2)).swap16(), 'utf-8', 'utf-16be'],
    ['windows-1252 as declared', Buffer.from(text.replace('€', '\u0080'), 'latin1'), 'windows-1252', 'windows-1252'],
    ['windows-1252 as guessed', Buffer.from(text.replace('€', '\u0080'), 'latin1'), 'auto', 'windows-1252'],
  ])('%s is read', async (_what, bytes, encoding, expected) => {
    const read = await readAll(bytes, aFeed('visits', { encoding }));
    expect(read.encodings).toEqual([expected]);
    expect(rowsOf(read)).toEqual([[2, { patient_id: 'P1', visit_date: '2024-03-15', note: 'Größe € 9' }]]);
  });

  test('ISO 8859-1 is read as declared', async () => {
    const read = await readAll(Buffer.from(`${header}\nP1,2024-03-15,Größe`, 'latin1'), aFeed('visits', { encoding: 'iso-8859-1' }));
    expect(rowsOf(read)).toEqual([[2, { patient_id: 'P1', visit_date: '2024-03-15', note: 'Größe' }]]);
  });

  const lines = (bad: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${header}\nP1,2024-03-15,x\nP2,2024-03-16,`), bad, Buffer.from('\nP3,2024-03-17,z\n')]);
  test.each<[string, Buffer, FileFeed['encoding'], number]>([
    ['a byte that begins nothing', lines(Buffer.of(0xff)), 'utf-8', 3],
    ['a character that breaks off', lines(Buffer.of(0xe2, 0x82)), 'utf-8', 3],
    ['a byte that windows-1252 has not', lines(Buffer.of(0x81)), 'windows-1252', 3],
    ['a byte that neither has', lines(Buffer.of(0x81)), 'auto', 3],
    ['a character at the end that breaks off', Buffer.concat([Buffer.from(`${header}\nP1,2024-03-15,x`), Buffer.of(0xe2)]), 'utf-8', 2],
    ['half a pair of UTF-16', Buffer.concat([utf16, Buffer.of(0x00, 0xd8, 0x41, 0x00)]), 'utf-8', 3],
    ['half a unit of UTF-16', Buffer.concat([utf16, Buffer.of(0x41)]), 'utf-8', 3],
  ])('%s is told with its line', async (_what, bytes, encoding, line) => {
    expect(await failure(readAll(bytes, aFeed('visits', { encoding })))).toMatch(new RegExp(`^BAD_ENCODING: .*Line ${line} `));
  });

  test('however the bytes come, the text is the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 20 }),
        fc.constantFrom<Encoding>('utf-8', 'utf-16le'),
        async (content, sizes, encoding) => {
          const bytes = Buffer.from(content.startsWith('\ufeff') ? '' : content, encoding === 'utf-8' ? 'utf8' : 'utf16le');
          async function* chunks(): AsyncGenerator<Buffer> {
            let at = 0;
            for (const size of sizes) yield bytes.subarray(at, (at += size));
            yield bytes.subarray(at);
          }
          const parts: Buffer[] = [];
          for await (const part of decodeText(chunks(), encoding)) parts.push(part);
          expect(Buffer.concat(parts).toString('utf8')).toBe(bytes.toString(encoding === 'utf-8' ? 'utf8' : 'utf16le'));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('archives', () => {
  const one = `${header}\nP1,2024-03-15,a\n`;
  const two = `${header}\nP2,2024-03-16,b\n`;

  test('gzip is looked into, and each member of a zip is a file with a header of its own', async () => {
    expect(rowsOf(await readAll(gzipSync(one), visits))).toHaveLength(1);
    const zip = aZip({ name: 'a.csv', content: Buffer.from(one) }, { name: '../../b.csv', content: Buffer.from(two, 'utf16le') });
    const { items, encodings } = await readAll(zip, visits);
    expect(encodings).toEqual(['utf-8', 'utf-16le']);
    expect(items.map(({ place }) => place)).toEqual(['member 1, line 2', 'member 2, line 2']);
  });

  test('a member in a guessed encoding costs the next one nothing, and each has its header judged', async () => {
    const latin = { name: 'a.csv', content: Buffer.from(one.replace(',a', ',\u00e9'), 'latin1') };
    const feed = aFeed('visits', { encoding: 'auto' });
    const { items, encodings } = await readAll(aZip(latin, { name: 'b.csv', content: Buffer.from(two) }), feed);
    expect(encodings).toEqual(['windows-1252', 'utf-8']);
    expect(items).toHaveLength(2);
    const headless = { name: 'b.csv', content: Buffer.from('P2,2024-03-16,b\n') };
    expect(await failure(readAll(aZip(latin, headless), feed))).toContain('MISSING_COLUMN');
    expect(await failure(readAll(aZip({ ...headless, content: Buffer.from('a,\u00e9\n1,2\n', 'latin1') }), feed))).toContain(
      'MISSING_COLUMN',
    );
  });

  test('a header is judged though its first row ends far behind it', async () => {
    const wide = `${header},${'x'.repeat(600_000)}\nP1,2024-03-15,${'n'.repeat(900_000)},y\n`;
    const { items } = await readAll(Buffer.from(`\ufeff${wide}`, 'utf16le'), visits);
    expect(items).toHaveLength(1);
    const without = wide.replace('visit_date', 'day');
    expect(await failure(readAll(Buffer.from(`\ufeff${without}`, 'utf16le'), visits))).toContain('MISSING_COLUMN');
  });

  test('one that unpacks to far more than it is is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(3 * 1024 * 1024, 'a'));
    const early = { ...visits.limits, ratioFromBytes: 2 * 1024 * 1024 };
    expect(await failure(readAll(bomb, aFeed('visits', { limits: early })))).toMatch(/^ARCHIVE_TOO_LARGE: .*More than 2 MiB of \d+ bytes/);
    const limits = { ...visits.limits, maxBytes: 10 };
    expect(await failure(readAll(gzipSync(one), aFeed('visits', { limits })))).toMatch(/^ARCHIVE_TOO_LARGE/);
    const members = { ...visits.limits, maxMembers: 1 };
    const zip = aZip({ name: 'a', content: Buffer.from(one) }, { name: 'b', content: Buffer.from(two) });
    expect(await failure(readAll(zip, aFeed('visits', { limits: members })))).toMatch(/^ARCHIVE_TOO_LARGE: .*More than 1 members/);
  });

  test.each([
    ['a gzip that breaks off', gzipSync(Buffer.from(one.repeat(50))).subarray(0, -9)],
    ['a zip whose member has another check sum', aZip({ name: 'a', content: Buffer.from(one), crcMask: 1 })],
    ['an encrypted zip', aZip({ name: 'a', content: Buffer.from(one), encrypted: true })],
  ])('%s is sent back before anything of it is read', async (_what, bytes) => {
    expect(await failure(readAll(bytes, visits))).toMatch(/^BAD_ARCHIVE/);
  });

  test.each([
    ['nothing', ''],
    ['space', ' \n\n'],
    ['an empty gzip', gzipSync('')],
  ])('%s is an empty file', async (_what, bytes) => {
    expect(await failure(readAll(bytes, visits))).toMatch(/^EMPTY_FILE/);
    expect(await failure(readAll(bytes, aFeed('claims')))).toMatch(/^EMPTY_FILE/);
  });
});

describe('messages', () => {
  test.each([
    ['lines', '{"a":1}\n\n{"a":2}\n', [1, 3]],
    ['an array', '[\n{"a":1},\n{"a":2}\n]\n', [2, 3]],
    ['one object', '{\n"a":1\n}', [1]],
  ])('%s: each with its line, byte for byte', async (_layout, text, lines) => {
    const { items } = await readAll(text, aFeed('patients'));
    expect(items.map(({ line }) => line)).toEqual(lines);
    expect(items.map(({ item }) => item.kind)).toEqual(lines.map(() => 'message'));
  });

  test('one that is larger than it may be is told, not kept', async () => {
    const { items } = await readAll(`{"a":"${'x'.repeat(100)}"}\n{"a":2}\n`, aFeed('patients', { maxRecordBytes: 50 }));
    expect(items.map(({ item }) => item.kind)).toEqual(['too-large', 'message']);
  });
});

describe('claims', () => {
  const interchange = Buffer.concat([...generate837({ seed: 7, claims: 3, interchangeControl: 1 })]);

  test('acknowledgements of one interchange are counted by their type, the same each time that the file is read', async () => {
    const wrong = Buffer.from(interchange.toString().replaceAll(/(~\s*SE\*)\d+/g, '$19999'));
    // What comes again under its number is answered with a TA1 that says so.
    const thrice = Buffer.concat([wrong, wrong, wrong]);
    const { acknowledgements } = await readAll(thrice, aFeed('claims'));
    expect(acknowledgements).toEqual(['999 000000001 1', 'TA1 000000001 1', 'TA1 000000001 2']);
    expect((await readAll(thrice, aFeed('claims'))).acknowledgements).toEqual(acknowledgements);
  });

  test('JSON and X12, packed or not, are cut as vigil send claims cuts them', async () => {
    const json = '[\n{"claim_id":"A"},\n{"claim_id":"B"}\n]';
    for (const bytes of [Buffer.from(json), gzipSync(json)]) {
      const { items } = await readAll(bytes, aFeed('claims'));
      expect(items.map(({ item, position }) => [position, item.kind === 'piece' && item.piece.kind === 'claim' && item.piece.key])).toEqual(
        [
          ['1', 'A'],
          ['2', 'B'],
        ],
      );
    }
    for (const bytes of [interchange, gzipSync(interchange)]) {
      const { items } = await readAll(bytes, aFeed('claims'));
      expect(items.map(({ place }) => place)).toEqual([
        expect.stringMatching(/^segment \d+$/),
        expect.stringMatching(/^segment \d+$/),
        expect.stringMatching(/^segment \d+$/),
      ]);
    }
  });

  test('a manifest that announces another number of claims, size or hash sends the file back', async () => {
    const feed = aFeed('claims');
    expect(await failure(readAll(interchange, feed, { manifest: { records: 3, bytes: interchange.length } }))).toBe('none');
    expect(await failure(readAll(interchange, feed, { manifest: { records: 4 } }))).toMatch(
      /^FILE_NOT_AS_ANNOUNCED: .*records it announces 4, found 3/,
    );
    expect(await failure(readAll(interchange, feed, { manifest: { bytes: 5 } }))).toMatch(/^FILE_NOT_AS_ANNOUNCED/);
    expect(await failure(readAll(interchange, feed, { manifest: { sha256: '0'.repeat(64) } }))).toMatch(/^FILE_NOT_AS_ANNOUNCED/);
  });
});

test.each([
  ['{"bytes":3,"records":0,"sha256":"' + 'A'.repeat(64) + '","more":1}', { bytes: 3, records: 0, sha256: 'a'.repeat(64) }],
  ['{}', {}],
  ['no', 'BAD_MANIFEST'],
  ['null', 'BAD_MANIFEST'],
  ['{"records":-1}', 'BAD_MANIFEST'],
  ['{"bytes":"3"}', 'BAD_MANIFEST'],
  ['{"sha256":"abc"}', 'BAD_MANIFEST'],
])('the manifest %s', (text, expected) => {
  if (typeof expected === 'string') expect(() => parseManifest(text)).toThrow(expect.objectContaining({ code: expected }));
  else expect(parseManifest(text)).toEqual(expected);
});
