import { expect, test } from '@jest/globals';
import { generate837 } from '@vigil/testing';
import { maxClaimsBytes, readInterchange } from './read-interchange.ts';
import { HttpProblem, type ProblemDetails } from './problem.ts';

const claim = (id: string): string[] => [
  `CLM*${id}*1***11:B:1*Y*A*Y*Y`,
  'HI*ABK:M545',
  'LX*1',
  'SV1*HC:93000*1*UN*1***1',
  'DTP*472*D8*20260224',
];

interface Of {
  readonly claims: readonly (readonly string[])[];
  /** Further segments of the provider's loop. */
  readonly loop?: readonly string[];
}

/** An interchange of one subscriber, every count right. */
function interchange({ claims, loop = [] }: Of): Buffer {
  const body = [
    'ST*837*0001*005010X222A1',
    'BHT*0019*00*0123*20260301*1023*CH',
    'NM1*41*2*EXAMPLE BILLING*****46*TGJ23',
    'PER*IC*JERRY*TE*3055552222',
    'NM1*40*2*EXAMPLE PLAN*****46*66783JJT',
    'HL*1**20*1',
    'NM1*85*2*EXAMPLE CLINIC*****XX*1234567893',
    'N3*234 SEAWAY ST',
    'N4*MIAMI*FL*331110000',
    ...loop,
    'HL*2*1*22*0',
    'SBR*P*18*GRP77******CI',
    'NM1*IL*1*DOE*JOHN****MI*POL123',
    'NM1*PR*2*EXAMPLE PLAN*****PI*87726',
    ...claims.flat(),
  ];
  const isa = `ISA*00*${' '.repeat(10)}*00*${' '.repeat(10)}*ZZ*${'SUBMITTER'.padEnd(15)}*ZZ*${'PAYER'.padEnd(15)}*260301*1023*^*00501*000000001*0*T*:`;
  const gs = 'GS*HC*SUBMITTER*PAYER*20260301*1023*1*X*005010X222A1';
  return Buffer.from([isa, gs, ...body, `SE*${body.length + 1}*0001`, 'GE*1*1', 'IEA*1*000000001'].map((line) => `${line}~\n`).join(''));
}

const many = (count: number): string[][] => Array.from({ length: count }, (_, index) => claim(`C${index}`));

async function refusalOf(body: Buffer): Promise<ProblemDetails> {
  try {
    await readInterchange(body, 0);
  } catch (error) {
    if (error instanceof HttpProblem) return error.details;
    throw error;
  }
  throw new Error('It was taken.');
}

test('the claims of a body may take twice its limit with their loops, not more', async () => {
  // 63,750 bytes a claim, so that 131 of them stay below 8 MiB and 135 do not.
  const loop = Array.from({ length: 3750 }, () => 'REF*EI*58765432');
  expect(await readInterchange(interchange({ claims: many(130), loop }), 0)).toHaveLength(130);
  const refused = await refusalOf(interchange({ claims: many(135), loop }));

  expect(refused).toMatchObject({ status: 413, name: 'too-large' });
  expect(refused.detail).toContain(`the claims of a body may take ${maxClaimsBytes} bytes`);
});

test('a body may hold as many claims as items of JSON, bad ones too', async () => {
  const bare = (count: number): string[][] => Array.from({ length: count }, () => ['CLM*A*B']);
  expect(await refusalOf(interchange({ claims: bare(50_000) }))).toMatchObject({ status: 422 });
  expect(await refusalOf(interchange({ claims: bare(50_001) }))).toMatchObject({ status: 413, name: 'too-large' });
}, 60_000);

test('a thousand errors are listed, all are counted', async () => {
  const bad = many(1001).map((lines) => lines.map((line) => line.replace('11:B:1', '11>B>1')));
  const refused = await refusalOf(interchange({ claims: bad }));

  expect(refused.detail).toBe('1001 items cannot be accepted; nothing of the request was taken. The first 1000 of 1001 errors are listed.');
  // The first claim's CLM is segment 14 of its set; each claim has five.
  expect([refused.errors?.length, refused.errors?.at(0)?.field, refused.errors?.at(-1)?.field]).toEqual([
    1000,
    'segment 14 CLM05-1',
    `segment ${14 + 999 * 5} CLM05-1`,
  ]);
});

test('a fault of a loop is told once, however many claims are below it', async () => {
  const refused = await refusalOf(interchange({ claims: many(300), loop: ['REF**58765432'] }));

  expect(refused.detail).toBe('300 items cannot be accepted; nothing of the request was taken.');
  expect(refused.errors).toEqual([{ index: 0, field: 'segment 10 REF01', code: '999-IK4-1', message: 'mandatory and missing' }]);
});

test('others have their turn while an interchange is read', async () => {
  const body = Buffer.concat([...generate837({ seed: 7, claims: 2000 })]);
  let turns = 0;
  let isReading = true;
  const turn = (): void => {
    turns++;
    if (isReading) setImmediate(turn);
  };
  setImmediate(turn);
  expect(await readInterchange(body, 0)).toHaveLength(2000);
  isReading = false;

  // A turn for each 32 KiB of looking at it, and for each of cutting it.
  expect(turns).toBeGreaterThan((2 * body.length) / (40 * 1024));
});
