import { beforeAll, expect, test } from '@jest/globals';
import { topics, type ReadingAccepted } from '@vigil/contracts';
import { createKafkaClient, createRegistry, createValueEncoder } from '@vigil/kafka';
import { startStack, type StackEnv } from '@vigil/stack';
import { runCli } from '../run-cli.ts';

const source = topics.vitalsReadingAccepted;
let env: StackEnv;

async function vigil(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}

/** Two readings a quarter of an hour apart: the first one's windows close by the watermark. */
async function sendReadings(): Promise<void> {
  const registry = createRegistry({ url: env.schemaRegistryUrl });
  const encode = createValueEncoder(source.schema, await registry.idOf(`${source.name}-value`, source.schema));
  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'replay-test' });
  const now = Date.now();
  const key = Buffer.from(`t1.replay-${now}`);
  const records = [now - 1_200_000, now - 300_000].map((observedAt, index) => {
    const reading: ReadingAccepted = {
      eventId: `replay-${now}-${index}`, patientToken: key.toString(), deviceId: 'D', deviceClass: '', deviceModel: '', observedAt,
      receivedAt: now, historic: false, heartRate: 70, respiratoryRate: null, oxygenSaturation: null, temperatureC: null, systolic: null,
      diastolic: null, supplementalOxygen: null, consciousness: null, birthYear: null, excluded: [], flags: [], deviceStatus: 'NORMAL',
      hospital: 'General', ward: 'ICU', room: '1',
    }; // prettier-ignore
    return { topic: source.name, partition: 0, key, value: encode(reading), headers: [], timestamp: null };
  });
  const producer = await client.openIdempotentProducer();
  await producer.send(records);
  await producer.close();
  await client.close();
}

beforeAll(async () => {
  ({ env } = await startStack());
  await vigil('db', 'migrate');
  await vigil('topics', 'apply');
  await vigil('schemas', 'register');
  await sendReadings();
}, 180_000);

test('a stage is planned, run beside the live one by its own program, compared and removed', async () => {
  const planned = await vigil('replay', 'plan', 'vitals-windowing', '--set', 'VIGIL_WINDOW_GRACE_MS=30000', '--json');
  expect(planned.stderr).toBe('');
  const { job, records } = JSON.parse(planned.stdout) as { job: { jobId: string; state: string }; records: number };
  expect(job.state).toBe('planned');
  expect(records).toBeGreaterThanOrEqual(2);
  expect(await vigil('replay', 'diff', job.jobId)).toMatchObject({ code: 2 });
  expect((await vigil('replay', 'status')).stdout).toContain(job.jobId);

  const ran = await vigil('replay', 'run', job.jobId, '--flush-seconds', '0', '--yield-seconds', '0', '--timeout', '90');
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain('done');
  expect((await vigil('replay', 'status', job.jobId)).stdout).toContain('0 records are left');
  expect(await vigil('replay', 'run', job.jobId)).toMatchObject({ code: 0 });

  const { code, stdout } = await vigil('replay', 'diff', job.jobId, '--json');
  const difference = JSON.parse(stdout) as { equal: boolean; outputs: { topic: string; onlyNew: number; equal: number }[] };
  expect(code).toBe(difference.equal ? 0 : 1);
  const [windows] = difference.outputs;
  expect((windows?.onlyNew ?? 0) + (windows?.equal ?? 0)).toBeGreaterThan(0);

  expect(await vigil('replay', 'cutover', job.jobId)).toMatchObject({ code: 2 });
  // No live stage ever read here, so there is nothing whose place could be taken.
  const refused = await vigil('replay', 'cutover', job.jobId, '--reason', 'trial', '--as', 'ada', '--timeout', '5');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot take the place') });
  expect((await vigil('replay', 'abandon', job.jobId)).stdout).toContain(`group vitals-windowing.${job.jobId}`);
  expect((await vigil('topics', 'list')).stdout).not.toContain(job.jobId);
  expect(await vigil('replay', 'run', job.jobId)).toMatchObject({ code: 2 });
  expect((await vigil('replay', 'status', job.jobId, '--json')).stdout).toContain('abandoned');
}, 150_000);

test.each([
  ['plan', 'warehouse-loader.warehouse'],
  ['plan', 'warehouse-loader.warehouse', '--topic', topics.deidReadingAccepted.name, '--from-time', '2099-01-01T00:00:00Z'],
  ['plan', 'warehouse-loader.warehouse', '--topic', topics.deidReadingAccepted.name, '--set', 'VIGIL_WINDOW_SIZE_MS=1000'],
  ['plan', 'vitals-windowing', '--rate', 'fast'],
  ['run', 'r00000000'],
  ['run', 'r00000000', '--timeout', '0'],
  ['diff', 'nonsense'],
])('vigil replay %j is a mistake of the caller', async (...args) => {
  expect(await vigil('replay', ...args)).toMatchObject({ code: 2 });
});
