import { beforeAll, expect, test } from '@jest/globals';
import { startStack } from '@vigil/stack';
import { runCli } from '../run-cli.ts';

async function vigil(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}

const accepted = 'vitals.reading.accepted.v1';

beforeAll(async () => {
  await startStack();
  await vigil('topics', 'apply');
  await vigil('db', 'migrate');
}, 120_000);

test('an event that nobody knows is told as such', async () => {
  const { code, stdout } = await vigil('trace', '--event-id', '0'.repeat(32), '--json');

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ eventId: '0'.repeat(32), found: false, steps: [{ step: 'end', state: 'unknown' }] });
});

test('a place beyond the end of the log holds nothing', async () => {
  const { code, stdout } = await vigil('trace', '--topic', accepted, '--partition', '0', '--offset', '999999999');

  expect(code).toBe(1);
  expect(stdout).toContain(`end  ${accepted}-0@999999999  gone`);
});

test.each([
  ['trace'],
  ['trace', '--event-id', 'not-an-id'],
  ['trace', '--event-id', '0'.repeat(32), '--topic', accepted],
  ['trace', '--topic', accepted, '--partition', '0'],
  ['trace', '--topic', 'vitals.window.closed.v1', '--partition', '0', '--offset', '0'],
  ['ledger', '--since', 'yesterday'],
  ['ledger', '--topic', accepted, '--wait', '1'],
])('%s %s %s is a mistake in the call', async (...args) => {
  expect((await vigil(...args)).code).toBe(2);
});

test('a part of the ledger has the shape of the whole, and the places where it breaks', async () => {
  const { code, stdout } = await vigil('ledger', '--topic', accepted, '--since', '5m', '--batch', 'no-such-batch', '--json');

  expect(JSON.parse(stdout)).toEqual({ balanced: true, unaccounted: 0, stages: [], first: [] });
  expect(code).toBe(0);
});
