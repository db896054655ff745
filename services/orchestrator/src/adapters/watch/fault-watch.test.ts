import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, type EngineClock, type KafkaClient, type RecordHeaders } from '@vigil/kafka';
import { quietMs } from '../../domain/watch/processor-faults.ts';
import { startQuarantineWatch } from './start-quarantine-watch.ts';
import { createTroubleLog } from './trouble-log.ts';

const source = topics.vitalsReadingReceived.name;
const deadLetters = `${source}.device-ingest.dlq`;
const dayMs = 24 * quietMs;
const startMs = 100 * dayMs;

const headersOf = (code: string, offset: number): RecordHeaders =>
  Object.entries({
    'vigil-origin-topic': source,
    'vigil-origin-partition': '1',
    'vigil-origin-offset': String(offset),
    'vigil-origin-timestamp': '1',
    'vigil-error-code': code,
  }).map(([name, text]) => [name, Buffer.from(text)] as const);

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
};

/** A fleet with one quarantine, and instances that watch it; minutes pass when they are told to. */
function aFleet() {
  const world = { nowMs: startMs };
  const broker = createMemoryBroker({ clock: { now: () => world.nowMs } });
  broker.createTopic(deadLetters, 2, {});
  broker.createTopic(topics.troubleRaised.name, 1, {});
  const client = broker.connect();
  const registry = createMemoryRegistry();
  const log = createTroubleLog(client, registry);
  const quarantine = async (code: string, offset: number, atMs = world.nowMs): Promise<void> => {
    const producer = await client.openIdempotentProducer();
    const record = { topic: deadLetters, partition: offset % 2, key: Buffer.from('MRN-4711'), value: Buffer.from('Jane Doe') };
    await producer.send([{ ...record, headers: headersOf(code, offset), timestamp: atMs }]);
    await producer.close();
  };
  const watch = (isActive: () => boolean = () => true, through: KafkaClient = client) => {
    const due: (() => void)[] = [];
    const closers: (() => unknown)[] = [];
    const failures: string[] = [];
    const clock: EngineClock = { now: () => world.nowMs, after: (_, callback) => (due.push(callback), () => due.splice(0)) };
    const events = { quarantineObserved: () => undefined, quarantineNotObserved: ({ code }: { readonly code: string }) => void failures.push(code) }; // prettier-ignore
    const settled = { read: async () => new Map(), close: async () => undefined };
    startQuarantineWatch(
      { client: through, registry, settled, forgetFigures: () => undefined, events, onClose: (_, close) => void closers.push(close) },
      isActive,
      clock,
    );
    const pass = async (ms = 60_000): Promise<void> => {
      const isLooked = (): boolean => due.length > 0;
      await until(isLooked);
      world.nowMs += ms;
      due.shift()?.();
      await until(isLooked);
    };
    return { pass, failures, close: async () => void (await closers[0]?.()) };
  };
  const told = async () => (await log.told()).map(({ change, offset }) => [change, offset]);
  return { client, log, quarantine, watch, told };
}

test('many faults are one page until an hour passed without one; other codes are none', async () => {
  const { log, quarantine, watch, told } = aFleet();
  await quarantine('BAD_VALUE', 1);
  await quarantine('PROCESSOR_FAULT', 2);
  await quarantine('PROCESSOR_FAULT', 3);
  const { pass, failures, close } = watch();
  await pass();
  expect(await told()).toEqual([['raised', expect.any(Number)]]);
  expect((await log.told())[0]).toMatchObject({ kind: 'processor-fault', stage: 'device-ingest', topic: source, code: 'PROCESSOR_FAULT' });
  expect(JSON.stringify(await log.told())).not.toMatch(/Jane|4711/);

  await quarantine('PROCESSOR_FAULT', 4);
  await pass(quietMs - 1000);
  expect(await told()).toHaveLength(1);
  await pass(1000);
  expect((await told()).map(([change]) => change)).toEqual(['raised', 'cleared']);

  await quarantine('PROCESSOR_FAULT', 6);
  await pass();
  expect((await told()).at(-1)).toEqual(['raised', 6]);
  expect(failures).toEqual([]);
  await close();
});

test('who takes over repeats no page, tells what came meanwhile, and leaves alone what is older than a day', async () => {
  const { quarantine, watch, told } = aFleet();
  await quarantine('PROCESSOR_FAULT', 1, startMs - 2 * dayMs);
  let active = true;
  const first = watch(() => active);
  await first.pass();
  expect(await told()).toEqual([]);
  active = false;
  await quarantine('PROCESSOR_FAULT', 2);
  await first.pass();
  expect(await told()).toEqual([]);
  const second = watch();
  await second.pass();
  active = true;
  await first.pass();

  expect(await told()).toEqual([['raised', 2]]);
  await first.close();
  await second.close();
});

test('what could not be told is told at the next look', async () => {
  const { client, quarantine, watch, told } = aFleet();
  await quarantine('PROCESSOR_FAULT', 2);
  let away = true;
  const openIdempotentProducer: KafkaClient['openIdempotentProducer'] = async () => {
    if (away) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    return client.openIdempotentProducer();
  };
  const { pass, failures, close } = watch(() => true, { ...client, openIdempotentProducer });
  await pass();
  expect(failures.length).toBeGreaterThan(0);
  expect(await told()).toEqual([]);
  away = false;
  await pass();

  expect(await told()).toEqual([['raised', 2]]);
  await close();
});
