import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@vigil/core';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, createValueEncoder, type MemoryBroker, type MemoryRegistry } from '@vigil/kafka';
import { bindEvents, createMetrics, type Log } from '@vigil/runtime';
import { aMessage } from '../../test-support/messages.ts';
import { events } from '../events.ts';
import { openGateway, type GatewaySettings } from './open-gateway.ts';

const apiKey = 'a-key-for-the-gateway';
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'device-ingest-'));
  writeFileSync(join(directory, 'key'), `${apiKey}\n`);
});
afterAll(() => rmSync(directory, { recursive: true }));

const closers: [string, () => unknown][] = [];
afterEach(async () => {
  for (const [, close] of closers.splice(0).reverse()) await close();
});

/** What the lag observer told last: seconds by group. */
type Observed = Readonly<Record<string, number>>;

async function tellLags(broker: MemoryBroker, registry: MemoryRegistry, lags: Observed): Promise<void> {
  const { name, schema } = topics.lagObserved;
  const rest = { state: 'OK', lagRecords: 1, slope: 0, worstTopic: '', worstPartition: -1 };
  const encode = createValueEncoder(schema, registry.register(schema));
  const records = Object.entries(lags).map(([group, lagSeconds]) => ({
    topic: name,
    partition: 0,
    key: Buffer.from(group),
    value: encode({ ...rest, group, lagSeconds, observedAt: Date.now() }),
    headers: [],
    timestamp: null,
  }));
  const producer = await broker.connect().openIdempotentProducer();
  if (records.length > 0) await producer.send(records);
}

async function open(changes: Partial<GatewaySettings> = {}, lags: Observed = {}) {
  const settings: GatewaySettings = {
    gatewayHost: '127.0.0.1',
    gatewayPort: 0,
    gatewayApiKeyFile: join(directory, 'key'),
    gatewayTimeoutMs: 2000,
    gatewayWaitingMegabytes: 8,
    gatewayBodiesMegabytes: 16,
    gatewayTargetMs: 250,
    historicAfterMs: 900_000,
    highLagMs: 10_000,
    lowLagMs: 3000,
    minAdmittedRate: 100,
    maxAdmittedRate: 20_000,
    ...changes,
  };
  const broker = createMemoryBroker({ clock: systemClock });
  for (const { name } of Object.values(topics)) broker.createTopic(name, 1);
  const registry = createMemoryRegistry();
  await tellLags(broker, registry, lags);
  let isAway = false;
  const client = broker.connect({
    hook: async (operation) => {
      if (isAway && operation === 'stableOffsets') throw new Error('away');
    },
  });
  const metrics = createMetrics('device-ingest');
  const lines: string[] = [];
  const told = Promise.withResolvers<void>();
  const failure = jest.fn((_message: string, _error: unknown) => told.resolve());
  const port = await openGateway({
    settings,
    client,
    registry,
    clock: systemClock,
    limits: {},
    partitionsOf: () => 1,
    readLatest: async () => null,
    events: bindEvents(events, { metrics, write: (_level, message) => void lines.push(message) }),
    log: { failure } as unknown as Log,
    onClose: (name, close) => void closers.push([name, close]),
  });
  return { port, broker, metrics, lines, failure, told: told.promise, away: () => void (isAway = true) };
}

const post = (port: number | null, body: string, path = 'readings') =>
  fetch(`http://127.0.0.1:${port}/v1/${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
  });

test('the gateway is served, its records reach the topic, its answers the metrics', async () => {
  const { port, broker, metrics, lines } = await open();
  const response = await post(port, JSON.stringify(aMessage()));
  await response.text();

  expect(response.status).toBe(202);
  expect(broker.log({ topic: topics.vitalsReadingReceived.name, partition: 0 }).read(0, 10).records).toHaveLength(1);
  expect(lines).toContain('the gateway is served');
  const exposed = await metrics.expose();
  expect(exposed).toMatch(/vigil_gateway_requests_total\{route="readings",status="202",service="device-ingest"\} 1/);
  expect(exposed).toMatch(/vigil_gateway_admitted_items_per_second\{service="device-ingest"\} 20000/);
  expect(exposed).toMatch(/vigil_gateway_items_under_way_limit\{service="device-ingest"\} 50000/);
});

test('where no port is configured none is served', async () => {
  expect((await open({ gatewayPort: undefined })).port).toBeNull();
  expect((await open({ gatewayApiKeyFile: undefined })).port).toBeNull();
});

test('what cannot be sampled is logged; closed again nothing listens', async () => {
  const { port, failure, told, away } = await open();
  away();
  await told;
  expect(failure).toHaveBeenCalledWith('the lag downstream could not be sampled', expect.any(Error));
  expect(closers.map(([name]) => name)).toEqual(['observed lags', 'lag watch', 'lag watch of claims', 'publisher', 'gateway']);
  for (const [, close] of closers.splice(0).reverse()) await close();

  await expect(post(port, '{}')).rejects.toThrow();
});

const claim = JSON.stringify({ claim_id: 'CLM_1', services: [{ procedure_code: '99213', amount: 150, units: 1 }] });

/** Whether some of ten readings and of ten claims at once are refused, once both lags were sampled. One a second is let in. */
async function heldUnder(lags: Observed): Promise<{ readonly readings: boolean; readonly claims: boolean }> {
  const { port, metrics } = await open({ minAdmittedRate: 1 }, lags);
  const isSampled = async () =>
    (await metrics.expose()).match(/^vigil_gateway_admitted_(items|claims)_per_second\S* [1-9]/gm)?.length === 2;
  while (!(await isSampled())) await new Promise(setImmediate);
  const isHeld = async (body: string, path: string): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(port, body, path)));
    await Promise.all(answers.map((answer) => answer.text()));
    return answers.some(({ status }) => status === 429);
  };
  return { readings: await isHeld(JSON.stringify(aMessage()), 'readings'), claims: await isHeld(claim, 'claims') };
}
const live = { 'device-ingest': 0, 'vitals-windowing': 0, 'alert-router': 0 };

test.each([
  ['nobody', {}, { readings: false, claims: false }],
  ['adjudication', { 'claims-validator-adjudicate': 60 }, { readings: false, claims: true }],
  ['intake of claims', { 'claims-validator-intake': 60 }, { readings: false, claims: true }],
  ['what readings wait for', { 'vitals-windowing': 60 }, { readings: true, claims: true }],
])('while %s is behind, readings are held back by theirs alone and claims by both', async (_who, behind, held) => {
  expect(await heldUnder({ ...live, 'claims-validator-intake': 0, 'claims-validator-adjudicate': 0, ...behind })).toEqual(held);
});
