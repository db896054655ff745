import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sourceFolders } from '@vigil/stack';
import { home, partOf, query, root, startFleet, vigil, type Ledger, type StackEnv } from '../fleet/fleet.ts';

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
  await vigil(['reference', 'load', join(root, 'infra/reference')]);
  // Only the run of this test takes the file.
  await vigil(['workflows', 'disable', 'claims_processing_workflow/claims_arrived']);
});

afterAll(() => vigil(['workflows', 'enable', 'claims_processing_workflow/claims_arrived']));

const claimCount = 1500;
const name = `KILL${Date.now().toString(36).toUpperCase()}`;

const claimOf = (index: number): object => ({
  claim_id: `CLM_${name}_${index}`,
  patient_id: `PAT_${10_001 + (index % 20)}`,
  provider_id: 'PROV_001',
  service_date: new Date(Date.now() - (10 + (index % 200)) * 86_400_000).toISOString().slice(0, 10),
  diagnosis_codes: ['I10'],
  services: [{ procedure_code: '99213', amount: 150, units: 1, place_of_service: '11' }],
  total_amount: 150,
  insurance_info: { policy_number: `POL_${100_001 + (index % 20)}`, group_number: 'GRP_100', coverage_type: 'PRIMARY' },
});

function dropFile(): void {
  const folder = sourceFolders({ home }).claims;
  const text = Array.from({ length: claimCount }, (_, index) => JSON.stringify(claimOf(index))).join('\n');
  writeFileSync(join(folder, `.${name}.part`), text);
  renameSync(join(folder, `.${name}.part`), join(folder, `claims_${name}.json`));
}

/** Looks often: what is waited for lasts some milliseconds. */
async function until(what: string, holds: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; Date.now() < endMs; await sleep(20)) if (await holds()) return;
  throw new Error(`Not within ${withinMs} ms: ${what}.`);
}

const stateOf = async (runId: string, task: string): Promise<string | undefined> =>
  (
    await query<{ state: string }>(env.databaseUrl, 'SELECT state FROM orchestration.task_run WHERE run_id = $1 AND task = $2', [
      runId,
      task,
    ])
  )[0]?.state;

const fileSql = `SELECT state, attempt, records_ok::int AS ok, records_rejected::int AS rejected FROM orchestration.file WHERE path LIKE '%' || $1`;
const fileRows = () =>
  query<{ state: string; attempt: number; ok: number; rejected: number }>(env.databaseUrl, fileSql, [`claims_${name}.json`]);

const victims: string[] = [];
async function kill(part: string, pid?: number): Promise<void> {
  victims.push(part);
  process.kill(pid ?? (await partOf(part)).pid, 'SIGKILL');
}

interface Run {
  readonly runId: string;
  readonly status: string;
}

test('a run of claims_processing ends right although a part is killed at each of five steps', async () => {
  dropFile();
  const [orchestrator, worker, batch, validator] = await Promise.all(
    ['orchestrator', 'orchestrator-worker.default', 'orchestrator-worker.batch', 'claims-validator'].map((part) => partOf(part)),
  );
  const { run } = await vigil<{ run: Run }>(['workflows', 'run', 'claims_processing_workflow']);

  await kill('orchestrator', orchestrator?.pid);
  // It is in the middle of the file: staged, not loaded.
  await until('the file is taken', async () => (await fileRows()).some(({ state }) => ['CLAIMED', 'STAGED', 'VERIFIED'].includes(state)));
  await kill('orchestrator-worker.batch', batch?.pid);
  await until('a stage is followed', async () => (await stateOf(run.runId, 'validate_claims')) === 'running');
  // The claims are on their way through the stages; the one who follows them dies, too, before it can tell what came of it.
  await kill('claims-validator', validator?.pid);
  await kill('orchestrator-worker.default', worker?.pid);
  await until(
    'the stage is followed again',
    async () =>
      (await stateOf(run.runId, 'validate_claims')) === 'queued' ||
      (await partOf('orchestrator-worker.default')).restarts > (worker?.restarts ?? 0),
  );
  // Frozen, it lets reports wait; killed, it never took them.
  const again = (await partOf('orchestrator')).pid;
  process.kill(again, 'SIGSTOP');
  await sleep(4000);
  await kill('orchestrator', again);

  await until('the run ended', async () => {
    const rows = await query<Run>(env.databaseUrl, 'SELECT status FROM orchestration.run WHERE run_id = $1 AND ended_at IS NOT NULL', [
      run.runId,
    ]);
    return rows.length === 1;
  });
  const { runs } = await vigil<{ runs: { status: string; tasks: { task: string; state: string; counts: Record<string, number> }[] }[] }>([
    'workflows',
    'runs',
    run.runId,
  ]);
  expect(runs).toMatchObject([{ status: 'succeeded' }]);
  const counts = Object.fromEntries(runs[0]?.tasks.map((task) => [task.task, task.counts]) ?? []);
  expect(counts['validate_claims']).toMatchObject({ consumed: claimCount });

  expect(await fileRows()).toMatchObject([{ state: 'ARCHIVED', ok: claimCount, rejected: 0 }]);
  const ledger = await vigil<Ledger>(['ledger', '--batch', run.runId]);
  expect(ledger.stages.find(({ stage }) => stage === 'claims-validator-intake')).toMatchObject({ consumed: claimCount, duplicate: 0 });
  const decided = await query<{ claims: number; decisions: number }>(
    env.databaseUrl,
    `SELECT count(DISTINCT claim_id)::int AS claims, count(*)::int AS decisions FROM claims.decision WHERE claim_id LIKE $1 || '%'`,
    [`CLM_${name}_`],
  );
  expect(decided).toEqual([{ claims: claimCount, decisions: claimCount }]);
  expect(victims).toHaveLength(5);
});
