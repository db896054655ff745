import { expect, test } from '@jest/globals';
import { aSet, anInterchange, bytesOfSegments, claim, header, oneClaim, segmentsOf, subscriber } from '../../test-support/interchanges.ts';
import { findingsOf, splitAll } from '../../test-support/split-all.ts';

/** The lines of an interchange with one claim, changed. */
const changed = (change: (segments: string[]) => string[]): Buffer => bytesOfSegments(change(segmentsOf({ groups: [[oneClaim]] })));
const replaced = (from: string | RegExp, to: string): Buffer => changed((segments) => segments.map((segment) => segment.replace(from, to)));
const without = (id: string): Buffer => changed((segments) => segments.filter((segment) => !segment.startsWith(id)));

test('a claim leaves with the bytes of its loop 2300 and the envelope and loops around it', async () => {
  const { claims, received, rejectedClaims } = await splitAll(aSet(oneClaim));

  expect([received, rejectedClaims]).toEqual([1, 0]);
  const [{ key, received: taken } = { key: '', received: null }] = claims;
  expect(key).toBe('CLM1');
  expect(taken).toMatchObject({
    format: 'x12-837p',
    source: 'test',
    ordinal: 0,
    line: null,
    segment: 18,
    interchangeControl: '000000001',
    groupControl: '1',
    transactionControl: '0001',
  });
  expect(taken?.content.toString()).toBe(`${claim().join('~\n')}~`);
  const context = taken?.context.toString() ?? '';
  expect(context.startsWith('ISA*00*')).toBe(true);
  expect(context).toContain('GS*HC*SUBMITTER*PAYER*20260301*1023*1*X*005010X222A1~ST*837*0001*005010X222A1~HL*1**20*1~');
  expect(context.endsWith('NM1*PR*2*EXAMPLE PLAN*****PI*87726~')).toBe(true);
  expect(context).not.toContain('NM1*41');
});

test('claims of several interchanges, groups and sets are counted through', async () => {
  const body = [...header, ...subscriber, ...claim('A'), ...claim('B')];
  const first = anInterchange({ groups: [[body, body], [body]] });
  const second = anInterchange({ groups: [[body]], control: '000000002' });
  const { claims } = await splitAll(Buffer.concat([first, second]));

  expect(claims.map(({ received }) => received.ordinal)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(
    claims.map(
      ({ received: { interchangeControl, groupControl, transactionControl } }) =>
        `${interchangeControl}/${groupControl}/${transactionControl}`,
    ),
  ).toEqual([
    '000000001/1/0001',
    '000000001/1/0001',
    '000000001/1/0002',
    '000000001/1/0002',
    '000000001/2/0001',
    '000000001/2/0001',
    '000000002/1/0001',
    '000000002/1/0001',
  ]);
});

test.each([
  ['no line breaks', aSet(oneClaim, { lineBreak: '' })],
  ['CR LF after each segment', aSet(oneClaim, { lineBreak: '\r\n' })],
  [
    'mixed line endings',
    Buffer.from(
      aSet(oneClaim)
        .toString()
        .replace(/~\n/g, (end, at: number) => (at % 2 === 0 ? '~\r\n' : end)),
    ),
  ],
  ['a byte-order mark', Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), aSet(oneClaim)])],
  ['other delimiters', aSet(oneClaim, { delimiters: { element: '|', component: '>', segment: "'" } })],
  [
    'control characters as delimiters',
    aSet(oneClaim, { delimiters: { element: '\x1d', component: '\x1f', segment: '\x1c' }, lineBreak: '' }),
  ],
  ['lines as segments', aSet(oneClaim, { delimiters: { element: '*', component: ':', segment: '\n' }, lineBreak: '' })],
  ['CR LF lines as segments', aSet(oneClaim, { delimiters: { element: '*', component: ':', segment: '\r\n' }, lineBreak: '' })],
  [
    'lines as segments with mixed endings',
    Buffer.from(
      aSet(oneClaim, { delimiters: { element: '*', component: ':', segment: '\n' }, lineBreak: '' })
        .toString()
        .replaceAll('*Y\n', '*Y\r\n'),
    ),
  ],
])('%s make no difference', async (_what, bytes) => {
  const result = await splitAll(bytes);
  expect(findingsOf(result)).toEqual([]);
  expect(result.claims.map(({ key, received }) => [key, received.segment])).toEqual([['CLM1', 18]]);
});

/** ISA is segment 1 of the interchange, GS 2, ST 3; so SE, 23 in its set, is 25, GE 26, IEA 27. */
test.each([
  ['IEA02 is not ISA13', replaced('IEA*1*000000001', 'IEA*1*000000009'), ['TA1-001@27 IEA 2']],
  ['IEA01 is not the number of groups', replaced('IEA*1*', 'IEA*2*'), ['TA1-021@27 IEA 1']],
  ['the input ends before IEA', without('IEA'), ['TA1-023@26 IEA']],
  ['the last segment is cut', aSet(oneClaim).subarray(0, -5), ['TA1-023@26 IEA']],
  ['a segment stands outside its set', replaced('GE*1*1', 'HI*ABK:I10~GE*1*1'), ['TA1-022@26 HI']],
  ['ISA02 is too short', replaced('ISA*00*          *', 'ISA*00*         *'), ['TA1-011@1 ISA 2']],
  ['ISA13 is no number', replaced(/000000001/, '00000000A'), ['TA1-018@1 ISA 13']],
  ['ISA12 is another version', replaced('*00501*', '*00401*'), ['TA1-017@1 ISA 12']],
  ['ISA16 is a letter', replaced('*T*:', '*T*X'), ['TA1-027@1 ISA 16']],
  ['GS misses its receiver', replaced('SUBMITTER*PAYER*2026', 'SUBMITTER**2026'), ['TA1-024@2 GS 3']],
])('the interchange is rejected where %s', async (_what, bytes, findings) => {
  const result = await splitAll(bytes);
  expect(findingsOf(result)).toEqual(findings);
  expect([result.received, result.rejectedClaims]).toEqual([0, 1]);
  expect(result.rejected[0]?.record).toMatchObject({ scope: 'interchange', part: 1, parts: 1 });
  expect(result.rejected[0]?.record.content.toString().trim()).toBe(bytes.toString().trim());
  const note = findings[0]?.slice(4, 7);
  expect(result.acknowledgements.map(({ type, bytes: text }) => [type, text.toString().split('\n')[1]])).toEqual([
    ['TA1', `TA1*${findings[0]?.includes('ISA 13') ? '00000000A' : '000000001'}*260301*1023*R*${note}~`],
  ]);
});

test.each([
  ['GE01 is not the number of sets', replaced('GE*1*1', 'GE*3*1'), '999-AK9-5@26 GE 1', '5'],
  ['GE02 is not GS06', replaced('GE*1*1', 'GE*1*7'), '999-AK9-4@26 GE 2', '4'],
  ['GE is missing', without('GE'), '999-AK9-3@26 GE', '3'],
  ['GS01 is not HC', replaced('GS*HC', 'GS*HS'), '999-AK9-1@2 GS 1', '1'],
  ['GS08 is another version', replaced(/005010X222A1/, '004010X098A1'), '999-AK9-2@2 GS 8', '2'],
])('the group is rejected where %s', async (_what, bytes, finding, code) => {
  const result = await splitAll(bytes);
  expect(findingsOf(result)).toEqual([finding]);
  expect([result.received, result.rejectedClaims]).toEqual([0, 1]);
  expect(result.rejected[0]?.record.scope).toBe('group');
  expect(result.acknowledgements[0]?.bytes.toString()).toMatch(new RegExp(`AK9\\*R\\*\\d\\*1\\*0\\*${code}~`));
});

test.each([
  ['SE01 is not the number of segments', replaced('SE*23*', 'SE*22*'), '999-IK5-4@23 SE 1', '4'],
  ['SE01 is no number', replaced('SE*23*', 'SE*X*'), '999-IK5-4@23 SE 1', '4'],
  ['SE02 is not ST02', replaced('SE*23*0001', 'SE*23*0002'), '999-IK5-3@23 SE 2', '3'],
  ['SE is missing', without('SE'), '999-IK5-2@22 SE', '2'],
  ['ST01 is no 837', replaced('ST*837', 'ST*835'), '999-IK5-1@1 ST 1', '1'],
  ['ST02 is too short', changed((all) => all.map((line) => line.replace(/^(ST\*837|SE\*23)\*0001/, '$1*001'))), '999-IK5-7@1 ST 2', '7'],
  ['ST01 is missing', replaced('ST*837*', 'ST**'), '999-IK5-6@1 ST 1', '6'],
  ['ST03 is not GS08', replaced(/^ST\*837\*0001\*005010X222A1/, 'ST*837*0001*005010X223A2'), '999-IK5-I6@1 ST 3', 'I6'],
])('the transaction set is rejected where %s', async (_what, bytes, finding, code) => {
  const result = await splitAll(bytes);
  expect(findingsOf(result)).toContain(finding);
  expect([result.received, result.rejectedClaims]).toEqual([0, 1]);
  expect(result.rejected[0]?.record).toMatchObject({ scope: 'transaction', claims: 1 });
  expect(result.rejected[0]?.record.content.toString()).toMatch(/^ST\*/);
  expect(result.acknowledgements[0]?.bytes.toString()).toMatch(new RegExp(`IK5\\*R(\\*\\w+)*\\*${code}[*~]`));
});

test('a set is rejected alone: its neighbours are taken, and the 999 tells of the one', async () => {
  const segments = segmentsOf({ groups: [[oneClaim, [...header, ...subscriber, ...claim('B')]]] });
  const broken = bytesOfSegments(segments.map((segment) => segment.replace('SE*23*0001', 'SE*99*0001')));
  const { claims, rejected, acknowledgements } = await splitAll(broken);

  expect(claims.map(({ key, received }) => [key, received.ordinal])).toEqual([['B', 1]]);
  expect(rejected.map(({ record }) => [record.scope, record.claims])).toEqual([['transaction', 1]]);
  const text = acknowledgements[0]?.bytes.toString().split('~\n') ?? [];
  expect(text.slice(0, 2)).toEqual([
    // To whom it came from, with the control numbers of what it answers.
    'ISA*00*          *00*          *ZZ*PAYER          *ZZ*SUBMITTER      *260301*1023*^*00501*000000001*0*T*:',
    'GS*FA*PAYER*SUBMITTER*20260301*1023*1*X*005010X231A1',
  ]);
  expect(text.slice(2, -1)).toEqual([
    'ST*999*0001*005010X231A1',
    'AK1*HC*1*005010X222A1',
    'AK2*837*0001*005010X222A1',
    'IK5*R*4',
    'AK9*P*2*2*1',
    'SE*6*0001',
    'GE*1*1',
    'IEA*1*000000001',
  ]);
  expect(rejected[0]?.record.acknowledgement).toEqual(acknowledgements[0]?.bytes);
});

test('a claim is rejected alone, and its set is taken with errors', async () => {
  const body = [...header, ...subscriber, ...claim('A'), ...claim('B').map((line) => line.replace('*150*', '*15O*')), ...claim('C')];
  const { claims, rejected, acknowledgements } = await splitAll(aSet(body));

  expect(claims.map(({ key, received }) => [key, received.ordinal])).toEqual([
    ['A', 0],
    ['C', 2],
  ]);
  // Claim B begins at segment 23; its CLM02 and, three segments later, its SV102 are no numbers.
  const [{ record } = { record: null }] = rejected;
  expect(record).toMatchObject({ scope: 'claim', claims: 1, format: 'x12-837p' });
  expect(record?.findings.map(({ code, segment, segmentId, element }) => [code, segment, segmentId, element])).toEqual([
    ['999-IK4-6', 23, 'CLM', 2],
    ['999-IK4-6', 26, 'SV1', 2],
  ]);
  expect(record?.content.toString()).toMatch(/^CLM\*B\*15O\*[\s\S]*DTP\*472\*D8\*20260215~\n$/);
  const text = acknowledgements[0]?.bytes.toString() ?? '';
  expect(text).toContain('IK3*CLM*23**8~\nIK4*2*782*6~\nIK3*SV1*26**8~\nIK4*2*782*6~\nIK5*E*5~\nAK9*E*1*1*1~');
});

test('what is wrong in a subscriber’s loop rejects the claims below it, and no others', async () => {
  const other = ['HL*3*1*22*0', ...subscriber.slice(1), ...claim('OTHER')];
  const body = [
    ...header,
    ...subscriber.map((line) => line.replace('N4*SPRINGFIELD*OH', 'N4*SPRINGFIELD*OHIO')),
    ...claim('A'),
    ...claim('B'),
    ...other,
  ];
  const result = await splitAll(aSet(body));

  expect(result.claims.map(({ key }) => key)).toEqual(['OTHER']);
  expect(result.rejected.map(({ record }) => [record.scope, record.claims])).toEqual([
    ['claim', 1],
    ['claim', 1],
  ]);
  expect(findingsOf(result)).toEqual(['999-IK4-5@15 N4 2', '999-IK4-5@15 N4 2']);
});

test('control numbers that came before are refused: of a set, a group, an interchange', async () => {
  const segments = segmentsOf({ groups: [[oneClaim, oneClaim], [oneClaim]] });
  const sameSet = bytesOfSegments(segments.map((line) => line.replace(/^(ST\*837|SE\*23)\*0002/, '$1*0001')));
  expect(findingsOf(await splitAll(sameSet))).toEqual(['999-IK5-23@1 ST 2']);

  // Two sets of 23 segments, GS and GE, after ISA: the second GS is segment 50.
  const sameGroup = bytesOfSegments(segments.map((line) => line.replace('1023*2*X', '1023*1*X').replace('GE*1*2', 'GE*1*1')));
  expect(findingsOf(await splitAll(sameGroup))).toEqual(['999-AK9-19@50 GS 6']);

  const twice = await splitAll(Buffer.concat([aSet(oneClaim), aSet(oneClaim)]));
  expect(findingsOf(twice)).toEqual(['TA1-025@1 ISA 13']);
  expect([twice.received, twice.rejectedClaims]).toEqual([1, 1]);
});

test('an interchange that does not end is rejected, the next one taken', async () => {
  const first = without('IEA');
  const result = await splitAll(Buffer.concat([first, aSet(oneClaim, { control: '000000002' })]));

  expect(findingsOf(result)).toEqual(['TA1-023@26 ISA']);
  expect(result.claims.map(({ received }) => received.interchangeControl)).toEqual(['000000002']);
  expect(result.rejected[0]?.record.content.toString().trim()).toBe(first.toString().trim());
});

test('what is no interchange before, between and after is rejected, the interchanges are taken', async () => {
  const text = Buffer.concat([
    Buffer.from('GS*HC*A*B~CLM*X~'),
    aSet(oneClaim),
    Buffer.from('rubbish ISA is not\n'),
    aSet(oneClaim, { control: '000000002' }),
    Buffer.from('ISA*00*nothing more'),
  ]);
  const result = await splitAll(text);

  expect(findingsOf(result)).toEqual(['X12_NO_ENVELOPE@1', 'X12_NO_ENVELOPE@1', 'X12_BAD_ENVELOPE@1 ISA']);
  expect(result.rejected.map(({ record }) => [record.scope, record.claims, record.content.toString().trim()])).toEqual([
    ['file', 1, 'GS*HC*A*B~CLM*X~'],
    ['file', 0, 'rubbish ISA is not'],
    ['file', 0, 'ISA*00*nothing more'],
  ]);
  expect(result.received).toBe(2);
});

test('an acknowledgement among the interchanges is told and not acknowledged', async () => {
  const { acknowledgements } = await splitAll(replaced('GS*HC', 'GS*FA'));
  expect(acknowledgements).toEqual([]);
});

test('a rejection of the same bytes at the same place has the same id, another place another', async () => {
  const broken = replaced('SE*23*', 'SE*22*');
  const ids = async (bytes: Buffer): Promise<string[]> => (await splitAll(bytes)).rejected.map(({ record }) => record.rejectionId);
  const [first] = await ids(broken);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(await ids(broken)).toEqual([first]);
  expect(await ids(Buffer.concat([Buffer.from('\n'), broken]))).not.toEqual([first]);
});

test('the faults of a loop are told with the first claim below it, and one of them with each other', async () => {
  const broken = ['N3*', 'N4*MIAMI*FLORIDA*331110000'];
  const billing = [...header.slice(0, -3), ...broken, ...header.slice(-1)];
  const next = ['HL*3*1*22*0', ...subscriber.slice(1).map((line) => line.replace('*OH*', '*OHIO*'))];
  const body = [...billing, ...subscriber, ...claim('A'), ...claim('B').map((line) => line.replace('*150*', '*15O*')), ...next, ...claim('C'), ...claim('D')]; // prettier-ignore
  const { rejected } = await splitAll(aSet(body));

  expect(rejected.map(({ record }) => record.findings.map(({ segment, segmentId }) => `${segment} ${segmentId}`))).toEqual([
    ['8 N3', '9 N4'],
    ['8 N3', '23 CLM', '26 SV1'],
    // Of a loop of its own: that of the provider was told.
    ['32 N4'],
    ['8 N3'],
  ]);
  expect(rejected[1]?.record.findings[0]).toBe(rejected[0]?.record.findings[0]);
});

test('a loop without a claim takes its faults with it, not those of the provider above it', async () => {
  const faulty = subscriber.map((line) => line.replace('*OH*', '*OHIO*'));
  const body = [
    ...header.map((line) => line.replace('*FL*', '*FLORIDA*')),
    ...subscriber,
    ...claim('A'),
    'HL*3*1*22*0',
    ...faulty.slice(1),
    'HL*4*1*22*0',
    ...subscriber.slice(1),
    ...claim('B'),
  ];
  const { received, rejected } = await splitAll(aSet(body));
  expect([received, rejected.map(({ record }) => record.findings.map(({ segment }) => segment))]).toEqual([0, [[9], [9]]]);
});

test.each([
  ['of few', 'REF*EI*58765432', 3000, '\n', 0],
  ['of more than 64 KiB', 'REF*EI*58765432', 4000, '\n', 2],
  ['of more than 64 KiB, most of it blank', 'REF*EI*58765432', 30, '\n'.repeat(3000), 2],
])('a claim leaves with loops %s bytes or not at all', async (_what, segment, count, lineBreak, claims) => {
  const refs = Array.from({ length: count }, () => segment);
  const body = [...header, ...refs, ...subscriber, ...claim('A'), ...claim('B')];
  const { received, rejected } = await splitAll(aSet(body, { lineBreak }));

  expect(received).toBe(2 - claims);
  expect(rejected.map(({ record }) => record.findings.map(({ code, segmentId }) => `${code} ${segmentId}`))).toEqual(
    Array.from({ length: claims }, () => ['MESSAGE_TOO_LARGE CLM']),
  );
});

test('a claim that no record holds is rejected in parts of 4 MB; the others of its set are taken', async () => {
  const notes = Array.from({ length: 100_000 }, () => `NTE*ADD*${'X'.repeat(80)}`);
  const [clm = '', ...rest] = claim('LARGE');
  const { claims, rejected } = await splitAll(aSet([...header, ...subscriber, clm, ...notes, ...rest, ...claim('SMALL')]), {
    chunkBytes: 100_000,
  });

  expect(claims.map(({ key }) => key)).toEqual(['SMALL']);
  expect(rejected.map(({ record: { part, parts, claims } }) => [part, parts, claims])).toEqual([
    [1, 0, 0],
    [2, 0, 0],
    [3, 3, 1],
  ]);
  expect(rejected[0]?.record.findings[0]).toMatchObject({ code: 'MESSAGE_TOO_LARGE', segment: 18 });
  expect(new Set(rejected.map(({ record }) => record.rejectionId)).size).toBe(1);
  const bytes = rejected.reduce((sum, { record }) => sum + record.content.length, 0);
  // 100,000 notes of 90 bytes with terminator and line break, and the five segments of the claim.
  expect(bytes).toBe(9_000_000 + claim('LARGE').join('~\n').length + 2);
});

test('a segment without an end rejects its interchange and fills no memory', async () => {
  const endless = Buffer.concat([aSet(oneClaim).subarray(0, 300), Buffer.alloc(9_000_000, 'X')]);
  const result = await splitAll(endless, { chunkBytes: 500_000 });

  // ISA, GS, ST, BHT, NM1 and PER are whole: the endless one follows segment 6.
  expect(findingsOf(result)).toContain('TA1-004@6');
  expect(result.rejected).toHaveLength(3);
  expect(result.rejected.reduce((sum, { record }) => sum + record.content.length, 0)).toBe(endless.length);
});

test('a boundary without an end rejects its interchange, too, with all its bytes', async () => {
  const [isa = '', gs = '', st = ''] = segmentsOf({ groups: [[oneClaim]] });
  const endless = Buffer.concat([
    bytesOfSegments([isa, gs, st]),
    Buffer.from('CLM*'),
    Buffer.alloc(9_000_000, 'X'),
    Buffer.from('~CLM*A*1~'),
  ]);
  const result = await splitAll(endless, { chunkBytes: 500_000 });

  expect([result.received, result.rejected.length]).toEqual([0, 3]);
  expect(result.rejected.reduce((sum, { record }) => sum + record.content.length, 0)).toBe(endless.length);
});

test('an interchange with more boundaries than are kept is cut by reading it again', async () => {
  // A set of 140,000 claims and as many HL has 280,000 boundaries and 262,144 are kept.
  const many = Array.from({ length: 140_000 }, (_, index) => [`HL*${index + 2}*1*22*0`, `CLM*C${index}*1***11:B:1`]).flat();
  const result = await splitAll(aSet([...header, ...many]), { chunkBytes: 65_536 });
  expect([result.received, result.rejectedClaims]).toEqual([140_000, 0]);
  const last = result.claims.at(-1)?.received;
  // The header ends with segment 10 of the set; HL and CLM follow in turn.
  expect([last?.ordinal, last?.segment, last?.content.toString()]).toEqual([139_999, 10 + 280_000, 'CLM*C139999*1***11:B:1~']);
});
