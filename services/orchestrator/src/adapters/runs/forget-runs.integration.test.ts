import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool } from '@vigil/postgres';
import { aWorkflow, startScheduleHarness, type ScheduleHarness } from '../../../fixtures/schedule-harness.ts';
import { forgetRuns, pruneInbox } from './keep-house.ts';

let harness: ScheduleHarness;
let asOrchestrator: ReturnType<typeof createPool>;
beforeAll(async () => {
  harness = await startScheduleHarness();
  asOrchestrator = createPool({ url: harness.database.url, applicationName: 'forget', role: 'vigil_orchestrator' });
});
afterAll(async () => {
  await asOrchestrator.end();
  await harness.close();
});

const endedRun = async (workflow: string, daysAgo: number): Promise<string> => {
  const runId = randomUUID();
  await harness.runs.request([{ runId, workflow, version: null, trigger: 'manual', requestedBy: 'test' }]);
  await harness.succeed(runId);
  await harness.query('INSERT INTO orchestration.payload (payload_id, run_id, body) VALUES ($1, $1, $2)', [runId, '{}']);
  await harness.query("INSERT INTO orchestration.run_part VALUES ($1, 'one', 0, '{}')", [runId]);
  await harness.query("INSERT INTO orchestration.fire VALUES ($1, clock_timestamp(), $2, $3, clock_timestamp() - $4 * interval '1 day')", [
    workflow,
    'started',
    runId,
    daysAgo,
  ]);
  await harness.query(
    `UPDATE orchestration.run SET ended_at = ended_at - $2 * interval '1 day', created_at = created_at - $2 * interval '1 day' WHERE run_id = $1`,
    [runId, daysAgo],
  );
  return runId;
};
const idsIn = async (table: string): Promise<string[]> =>
  (await harness.query<{ id: string }>(`SELECT DISTINCT run_id AS id FROM orchestration.${table}`)).map(({ id }) => id).sort();

test('runs that ended before the time that they are kept are forgotten with all that is kept of them, but the last of a workflow', async () => {
  await harness.definitions.deploy(aWorkflow('daily'), 'test');
  await harness.definitions.deploy(aWorkflow('yearly'), 'test');
  await endedRun('daily', 402);
  await endedRun('daily', 401);
  const young = await endedRun('daily', 399);
  const last = await endedRun('yearly', 500);

  expect(await forgetRuns(asOrchestrator, 400, 1)).toBe(1);
  expect(await idsIn('run')).toHaveLength(3);
  for (let forgotten = 1; forgotten > 0;) forgotten = await forgetRuns(asOrchestrator, 400, 1);
  for (const table of ['run', 'run_event', 'task_run', 'run_part', 'payload']) expect(await idsIn(table)).toEqual([young, last].sort());
  expect(await idsIn('fire')).toEqual([young]);
});

test('the orchestrator can neither change history by itself nor forget what is young', async () => {
  await expect(asOrchestrator.query('DELETE FROM orchestration.run_event')).rejects.toThrow('permission denied');
  await expect(forgetRuns(asOrchestrator, 29, 1)).rejects.toThrow();
});

test('messages are forgotten after a day, in batches until none is left or the turn was long enough', async () => {
  await harness.query(
    `INSERT INTO orchestration.inbox SELECT 'old-' || n, clock_timestamp() - interval '25 hours' FROM generate_series(1, 7) AS n`,
  );
  await harness.query(`INSERT INTO orchestration.inbox VALUES ('young', clock_timestamp() - interval '23 hours')`);

  expect(await pruneInbox(asOrchestrator, 2, 2)).toEqual({ pruned: 4, next: 'again' });
  expect(await pruneInbox(asOrchestrator, 2)).toEqual({ pruned: 3, next: 'rest' });
  expect(
    await harness.query(`SELECT message_id AS id FROM orchestration.inbox WHERE message_id LIKE 'old%' OR message_id = 'young'`),
  ).toEqual([{ id: 'young' }]);
});
