import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { generate837 } from '@vigil/testing';
import { aMessage } from '../../test-support/messages.ts';
import { received, startTestGateway, type TestGateway } from '../../test-support/start-test-gateway.ts';

const claims = received[2];
const x12 = { 'content-type': 'application/edi-x12' };
const aClaim = (changes: object = {}): string =>
  JSON.stringify({
    claim_id: 'CLM_1',
    patient_id: 'PAT_1',
    provider_id: 'PROV_001',
    service_date: '2024-03-15',
    services: [{ procedure_code: '99213', amount: 150, units: 1 }],
    total_amount: 150,
    insurance_info: { policy_number: 'POL_1' },
    ...changes,
  });
const interchange = (): string => Buffer.concat([...generate837({ seed: 7, claims: 2 })]).toString();

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.close());

test('a claim, an array and lines are taken byte for byte, keyed by claim id', async () => {
  const spaced = aClaim({ claim_id: 'CLM_2' }).replace('"units":1', '"units" : 1');

  expect((await gateway.post('/v1/claims', aClaim())).body).toEqual({ accepted: 1 });
  expect((await gateway.post('/v1/claims', `[${spaced},${aClaim({ claim_id: 'CLM_3' })}]`)).body).toEqual({ accepted: 2 });
  const lines = await gateway.post('/v1/claims', `${aClaim({ claim_id: 'CLM_4' })}\n`, { 'content-type': 'application/x-ndjson' });
  expect([lines.status, lines.body]).toEqual([202, { accepted: 1 }]);

  const written = gateway.written(claims);
  expect(written.map(({ key }) => key).sort()).toEqual(['CLM_1', 'CLM_2', 'CLM_3', 'CLM_4']);
  expect(written.find(({ key }) => key === 'CLM_2')?.value).toBe(spaced);
  expect(gateway.answered[0]).toMatchObject({ route: 'claims', status: 202, items: 1 });
});

test('what adjudication has to judge is taken: a bad amount, a missing patient', async () => {
  expect((await gateway.post('/v1/claims', aClaim({ total_amount: '150', patient_id: undefined }))).status).toBe(202);
});

test('one claim without an id refuses the request, and names each', async () => {
  const { status, body } = await gateway.post('/v1/claims', `[${aClaim()},${aClaim({ claim_id: '' })},${aClaim({ claim_id: 7 })}]`);

  expect(status).toBe(422);
  expect(body.errors).toEqual([
    { index: 1, field: 'claim_id', code: 'MISSING_CLAIM_ID', message: expect.stringContaining('no identifier') },
    { index: 2, field: 'claim_id', code: 'MISSING_CLAIM_ID', message: expect.stringContaining('no identifier') },
  ]);
  expect(gateway.written(claims)).toEqual([]);
});

test('a claim whose amount is written twice is refused: parsers disagree on which counts', async () => {
  const twice = aClaim().replace('"total_amount":150', '"total_amount":1,"total_amount":150');
  expect((await gateway.post('/v1/claims', twice)).body.errors).toMatchObject([{ index: 0, code: 'BAD_SHAPE' }]);
});

test('an interchange is taken as the claims in it, each with its envelope', async () => {
  const { status, body } = await gateway.post('/v1/claims', interchange(), x12);

  expect([status, body]).toEqual([202, { accepted: 2 }]);
  const written = gateway.written(claims);
  expect(written.map(({ key }) => key).sort()).toEqual(['CLM000000000', 'CLM000000001']);
  for (const { value } of written) expect(value).toContain('ISA*00*');
});

test('an interchange with one bad claim is refused whole, with segment and element', async () => {
  const bad = interchange().replace('*11:B:1*', '*11>B>1*');
  const { status, body } = await gateway.post('/v1/claims', bad, x12);

  expect(status).toBe(422);
  // A segment a line: ISA and GS are the first two, and ST is segment 1 of its set.
  const position = bad.split('\n').findIndex((line) => line.includes('*11>B>1*')) - 1;
  expect(body.errors).toEqual([{ index: 0, field: `segment ${position} CLM05-1`, code: '999-IK4-5', message: 'too long' }]);
  expect(gateway.written(claims)).toEqual([]);
});

test.each([
  ['JSON under the name of X12', aClaim(), x12, 400],
  [
    'an interchange without a claim',
    interchange()
      .replace(/GS\*[\s\S]*GE\*1\*1~\n/, '')
      .replace('IEA*1', 'IEA*0'),
    x12,
    400,
  ],
  ['X12 under the name of JSON', interchange(), {}, 400],
  ['another type', aClaim(), { 'content-type': 'text/csv' }, 415],
  ['no key', aClaim(), { authorization: '' }, 401],
  ['too much', aClaim({ note: 'x'.repeat(5_000_000) }), {}, 413],
])('%s is refused', async (_what, body, headers, status) => {
  expect((await gateway.post('/v1/claims', body, headers)).status).toBe(status);
  expect(gateway.written(claims)).toEqual([]);
});

test('claims are held back by their own lag, and readings are not', async () => {
  gateway.claimAdmission.observeLag(60, 1);
  for (let sent = 0; sent < 3; sent++) await gateway.post('/v1/claims', aClaim());
  const answer = await gateway.post('/v1/claims', aClaim());
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  const reading = () => gateway.post('/v1/readings', JSON.stringify(aMessage()));
  expect((await Promise.all([reading(), reading(), reading()])).map(({ status }) => status)).toEqual([202, 202, 202]);
});

test('claims use up nothing of what readings are let in by', async () => {
  const asked = jest.spyOn(gateway.admission, 'request');
  await gateway.post('/v1/claims', aClaim());
  expect(asked).not.toHaveBeenCalled();
  await gateway.post('/v1/readings', JSON.stringify(aMessage()));
  expect(asked).toHaveBeenCalledTimes(1);
});

test('without Kafka nothing is confirmed, and without the registry no interchange', async () => {
  gateway.setHook(async () => {
    throw new VigilError('KAFKA_AWAY');
  });
  expect((await gateway.post('/v1/claims', aClaim())).status).toBe(503);
});

test('a thousand errors of JSON are listed, all are counted', async () => {
  const { status, body } = await gateway.post('/v1/claims', `[${Array.from({ length: 1001 }, () => '{}').join(',')}]`);
  expect([status, body.errors?.length]).toEqual([422, 1000]);
  expect(body.detail).toBe('1001 items cannot be accepted; nothing of the request was taken. The first 1000 of 1001 errors are listed.');
  const unreadable = await gateway.post('/v1/claims', `[${Array.from({ length: 1001 }, () => 'x').join(',')}]`);
  expect([unreadable.status, unreadable.body.errors?.length]).toEqual([400, 1000]);
  expect(unreadable.body.detail).toMatch(/The first 1000 of 1001 errors are listed\.$/);
});

test('an interchange that is held back is not encoded, and the next one is', async () => {
  let asked = 0;
  const registry = {
    idOf: async () => ++asked,
    schemaOf: () => Promise.reject(new VigilError('UNKNOWN_SCHEMA_ID')),
    cached: () => undefined,
  };
  const other = await startTestGateway({ registry });
  try {
    const leave = other.load.enter(50_000, 0);
    expect((await other.post('/v1/claims', interchange(), x12)).status).toBe(429);
    expect(asked).toBe(0);
    leave(0);
    expect((await other.post('/v1/claims', interchange(), x12)).status).toBe(202);
    expect([asked, other.load.inFlight()]).toEqual([1, 0]);
  } finally {
    await other.close();
  }
});

test('a failure of ours while claims are encoded is told as one, and leaves no room taken', async () => {
  const registry = {
    idOf: async () => {
      throw new VigilError('SCHEMA_NOT_REGISTERED');
    },
    schemaOf: () => Promise.reject(new VigilError('UNKNOWN_SCHEMA_ID')),
    cached: () => undefined,
  };
  const other = await startTestGateway({ registry });
  try {
    expect((await other.post('/v1/claims', interchange(), x12)).status).toBe(500);
    expect(other.load.inFlight()).toBe(0);
  } finally {
    await other.close();
  }
});

test('a registry that does not answer is asked again with the next interchange', async () => {
  let fails = true;
  const registry = {
    idOf: async () => {
      if (fails) throw new VigilError('REGISTRY_AWAY');
      return 7;
    },
    schemaOf: () => Promise.reject(new VigilError('UNKNOWN_SCHEMA_ID')),
    cached: () => undefined,
  };
  const other = await startTestGateway({ registry });
  try {
    const away = await other.post('/v1/claims', interchange(), x12);
    expect([away.status, away.body.type, away.headers.get('retry-after')]).toEqual([503, 'urn:vigil:problem:registry-away', '5']);
    fails = false;
    expect((await other.post('/v1/claims', interchange(), x12)).body).toEqual({ accepted: 2 });
  } finally {
    await other.close();
  }
});
