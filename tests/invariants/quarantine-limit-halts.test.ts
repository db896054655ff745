import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createKafkaClient } from '@vigil/kafka';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { drainedLedger, eventually, query, runVigil, startFleet, vigil, vigilCommand, type StackEnv } from '../fleet/fleet.ts';

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
});

/** As the runbook says: the setting is raised, the stage resumed, the setting taken back. */
async function restartFleet(setting: Readonly<Record<string, string>>, whileDown: () => Promise<void>): Promise<void> {
  await vigil(['down']);
  await vigil(['stack', 'up']);
  await whileDown();
  const { argv, options } = vigilCommand(['up']);
  await promisify(execFile)(process.execPath, argv, { ...options, env: { ...options.env, ...setting } });
}

const resumeIfHalted = async (): Promise<void> => {
  await runVigil(['resume', 'device-ingest', '--reason', 'the sender was stopped']);
};
// Whatever became of the test, the fleet of the others has its usual settings again and is not halted.
afterAll(() => restartFleet({}, resumeIfHalted), 300_000);

const { name: topic } = topics.vitalsReadingReceived;
const deviceId = `LIMIT${Date.now()}`;
const startMs = Date.now() - 20 * 60_000;

const good = (index: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      device_id: deviceId,
      patient_id: deviceId,
      timestamp: new Date(startMs + index * 50).toISOString(),
      measurements: { heart_rate: 70 },
    }),
  );
const bad = Buffer.from('{"device_id":');

/** Two thirds of ten thousand are rubbish, so some five thousand in a row are over the ratio wherever its span begins; then all are good again. */
const badUntil = 10_000;
const messages = Array.from({ length: 16_000 }, (_, index) => (index < badUntil && index % 3 !== 0 ? bad : good(index)));
const goodCount = messages.filter((value) => value !== bad).length;

async function publish(): Promise<void> {
  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'limit-test' });
  const producer = await client.openIdempotentProducer();
  for (let from = 0; from < messages.length; from += 1000) {
    const slice = messages.slice(from, from + 1000);
    await producer.send(slice.map((value) => ({ topic, partition: 0, key: Buffer.from(deviceId), value, headers: [], timestamp: null })));
  }
  await producer.close();
  await client.close();
}

interface Status {
  readonly parts: readonly { readonly name: string; readonly ready: boolean; readonly reason?: string | null }[];
}

const isHalted = async (): Promise<boolean> =>
  (await vigil<Status>(['status'])).parts.some(({ name, reason }) => name === 'device-ingest' && reason === 'halted');

async function haltPages(sinceMs: number, action: string): Promise<number> {
  const { accepted } = (await (await fetch(`${env.pagerUrl}/accepted`)).json()) as {
    accepted: { acceptedAtMs: number; message: { event_action?: string; payload?: { summary?: string } } }[];
  };
  return accepted.filter(
    ({ acceptedAtMs, message: { event_action: done, payload } }) =>
      acceptedAtMs >= sinceMs &&
      done === action &&
      (action === 'resolve' || payload?.summary === 'Vigil itself: a stage has halted itself'),
  ).length;
}

test('a service that would drain a bad sender into quarantine halts and pages; resumed it goes on, and nothing is lost', async () => {
  const before = await drainedLedger();
  const sinceMs = Date.now();
  await publish();
  await eventually('device-ingest is halted', async () => ((await isHalted()) ? true : undefined));
  await eventually('engineering is paged', async () => ((await haltPages(sinceMs, 'trigger')) > 0 ? true : undefined));
  const rejected = async (): Promise<number> => {
    const { queues } = await vigil<{ queues: { topic: string; count: number }[] }>(['dlq', 'list', '--group', 'device-ingest']);
    return queues.reduce((sum, { count }) => sum + count, 0);
  };
  const atHalt = await rejected();
  // Halted it stays: nothing more goes to quarantine, over the restarts that the supervisor makes.
  await eventually('it was restarted and waits', async () => ((await isHalted()) ? true : undefined));
  expect(await rejected()).toBe(atHalt);

  await restartFleet({ VIGIL_QUARANTINE_RATIO: '1' }, resumeIfHalted);
  await eventually(
    'everything was read',
    async () => {
      const [row] = await query<{ count: number }>(env.databaseUrl, 'SELECT count(*)::int AS count FROM clinical.vital_reading WHERE device_id = $1', [deviceId]); // prettier-ignore
      return row?.count === goodCount ? true : undefined;
    },
    120_000,
  );
  // The stand-in knows only what came since it was started anew.
  await eventually('the page is resolved', async () => ((await haltPages(0, 'resolve')) > 0 ? true : undefined));

  const after = await drainedLedger(180);
  const counted = ({ stages }: typeof after) => stages.find((row) => row.stage === 'device-ingest' && row.topic === topic);
  expect(after.balanced).toBe(true);
  expect((counted(after)?.rejected ?? 0) - (counted(before)?.rejected ?? 0)).toBe(messages.length - goodCount);
  expect((counted(after)?.processed ?? 0) - (counted(before)?.processed ?? 0)).toBe(goodCount);
});
