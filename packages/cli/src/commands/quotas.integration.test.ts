import { beforeAll, expect, test } from '@jest/globals';
import { createQuotaAdmin } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { runCli } from '../run-cli.ts';

beforeAll(async () => void (await startStack()), 300_000);

async function run(...args: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const streams = { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: (text: string) => (stderr += text) } };
  return { code: await runCli(['quotas', ...args], streams), stdout: () => stdout, stderr: () => stderr };
}

interface Listed {
  readonly quotas: readonly { readonly clientId?: string; readonly user?: string; readonly values: Readonly<Record<string, number>> }[];
}

/** The broker learns of a change a moment after the controller took it. */
async function until(clientId: string, holds: (values: Readonly<Record<string, number>> | undefined) => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const listed = JSON.parse((await run('list', '--json')).stdout()) as Listed;
    if (holds(listed.quotas.find((quota) => quota.clientId === clientId)?.values)) return;
    if (Date.now() > deadline) throw new Error(`Quotas stayed as they were: ${JSON.stringify(listed)}`);
  }
}

test('a quota is set, listed and removed on the real broker, for a client id and for a user with one', async () => {
  const clientId = `test-${process.pid}-${Date.now()}`;
  expect(await run('set', '--client-id', clientId, '--producer-bytes', '123456')).toMatchObject({ code: 0 });
  await until(clientId, (values) => values?.['producer_byte_rate'] === 123_456);
  expect((await run('list')).stdout()).toMatch(new RegExp(`client-id ${clientId} .*producer_byte_rate +123456`));

  const removed = await run('remove', '--client-id', clientId);
  expect(removed.stdout()).toBe(`client-id ${clientId}: producer_byte_rate removed\n`);
  await until(clientId, (values) => values === undefined);

  expect(await run('set', '--client-id', clientId, '--user', 'devices', '--producer-bytes', '5')).toMatchObject({ code: 0 });
  await until(clientId, (values) => values?.['producer_byte_rate'] === 5);
  expect(await run('remove', '--client-id', clientId, '--user', 'devices')).toMatchObject({ code: 0 });
}, 120_000);

test('whom it binds must be named, and how much must be a number', async () => {
  const nobody = await run('set', '--producer-bytes', '5');
  expect(nobody).toMatchObject({ code: 2 });
  expect(nobody.stderr()).toContain('--client-id');
  expect(await run('set', '--user', 'devices', '--producer-bytes', 'many')).toMatchObject({ code: 2 });
  expect(await run('remove')).toMatchObject({ code: 2 });
});

test('what the broker refuses is told, not passed over', async () => {
  const { env } = await startStack();
  const admin = createQuotaAdmin({ brokers: env.kafkaBrokers.split(','), clientId: 'test' });

  await expect(admin.alter([{ clientId: 'test', key: 'no_such_quota', value: 1 }])).rejects.toMatchObject({ type: 'INVALID_REQUEST' });
  await admin.close();
}, 60_000);
