import { expect, test } from '@jest/globals';
import { runCli } from '../run-cli.ts';

async function vigil(line: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const code = await runCli(line, {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
  });
  return { code, ...printed };
}

const sink = ['replay', 'plan', 'warehouse-loader.warehouse'];
const ofTopic = [...sink, '--topic', 't'];
const stage = ['replay', 'plan', 'vitals-windowing'];
const eventId = '0'.repeat(32);

test.each([
  [['trace'], 'give either --event-id, or --topic, --partition and --offset'],
  [['trace', '--topic', 't', '--partition', '0'], 'give either --event-id'],
  [['trace', '--event-id', eventId, '--topic', 't'], 'give either --event-id'],
  [['trace', '--event-id', 'PAT_1'], '--event-id takes 32 hexadecimal digits'],
  [['trace', '--topic', 't', '--partition', 'x', '--offset', '1'], '--partition'],
  [['trace', '--event-id', eventId, '--reveal'], '--reason'],
  [sink, 'A sink needs --topic'],
  [[...ofTopic, '--set', 'VIGIL_WINDOW_GRACE_MS=1'], '--set goes with a stage'],
  [[...ofTopic, '--partition', '0', '--from-offset', '1', '--from-time', '5m'], 'Give --from-offset or --from-time'],
  [[...ofTopic, '--from-offset', '1'], '--from-offset goes with --partition'],
  [[...ofTopic, '--from-time', '1m', '--until-time', '2m'], '--until-time must be after --from-time'],
  [[...stage, '--key', 'PAT_1'], '--key takes a patient token'],
  [[...stage, '--set', 'VIGIL_DATABASE_URL=x'], '--set takes NAME=VALUE'],
  [[...stage, '--set', 'VIGIL_WINDOW_GRACE_MS'], '--set takes NAME=VALUE'],
  [[...stage, '--rate', 'fast'], '--rate'],
  [['replay', 'run', 'r1', '--timeout', '0'], '--timeout'],
  [['replay', 'cutover', 'r1'], '--reason'],
  [['quotas', 'set', '--producer-bytes', '1'], 'Name whom the quota binds'],
  [['quotas', 'remove'], 'Name whom the quota binds'],
  [['dlq', 'requeue', 't.g.dlq'], 'Say which records'],
  [['dlq', 'requeue', 't.g.dlq', '--all', '--edit', '/no/such/file'], '/no/such/file cannot be read'],
  [['dlq', 'requeue', 't.g.dlq', '--all', '--rate', '0'], '--rate'],
  [['dlq', 'discard', 't.g.dlq', '--offsets', '17'], '--offsets goes with --partition'],
  [['dlq', 'discard', 't.g.dlq', '--partition', '0', '--offsets', '42-17x'], '--offsets takes'],
  [['send', 'readings', 'f', '--batch-id', ''], '--batch-id takes 1 to 128 printable characters'],
  [['send', 'patients', 'f', '--batch-id', 'x'.repeat(129)], '--batch-id takes'],
  [['send', 'claims', 'f', '--batch-id', 'ä'], '--batch-id takes'],
  [['send', 'readings', 'f', '--rate', '-1'], '--rate'],
  [['files', 'list', '--state', 'lost'], '--state takes one of DISCOVERED'],
  [['files', 'list', '--run', 'today'], '--run takes the id of a run'],
  [['files', 'requeue', 'f1'], 'reason'],
  [['files', 'quarantine', 'f1'], 'reason'],
  [['claims', 'review', 'list', '--limit', '0'], '--limit takes a number'],
  [['ledger', '--closed'], '--closed goes with --wait'],
  [['ledger', '--batch', 'b', '--wait', '1'], '--wait is about the whole ledger'],
  [['ledger', '--wait', 'long'], '--wait'],
  [['lineage', 'row', 'fact_visit', 'PAT_1'], 'takes a UUID'],
  [['lineage', 'row', 'dim_patient', '00000000-0000-4000-8000-000000000000'], 'can be followed'],
  [['workflows', 'pools', '--slots', '3'], 'Name the pool'],
  [['workflows', 'backfill', 'start', 'w', '--from', 'soon', '--until', '1h'], '--from'],
])('%j is refused before anything is connected to', async (line, detail) => {
  const { code, stdout, stderr } = await vigil(line);

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(detail);
});
