import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../packages/cli/src/run-cli.ts';
import { openOrchestratorApi } from '../../packages/cli/src/workflows/orchestrator-api.ts';
import { apiKey, startApiHarness, type ApiHarness } from '../../services/orchestrator/fixtures/api-harness.ts';
import { aWorkflow } from '../../services/orchestrator/fixtures/schedule-harness.ts';

let api: ApiHarness;
let folder: string;
beforeAll(async () => {
  api = await startApiHarness();
  folder = mkdtempSync(join(tmpdir(), 'vigil-workflows-'));
  writeFileSync(join(folder, 'key'), `${apiKey}\n`);
  process.env['VIGIL_ORCHESTRATOR_URL'] = api.url;
  process.env['VIGIL_ORCHESTRATOR_API_KEY_FILE'] = join(folder, 'key');
});
afterAll(async () => {
  delete process.env['VIGIL_ORCHESTRATOR_URL'];
  delete process.env['VIGIL_ORCHESTRATOR_API_KEY_FILE'];
  rmSync(folder, { recursive: true, force: true });
  await api.close();
});
beforeEach(() => api.forget());

interface Outcome {
  readonly code: number;
  readonly text: string;
  readonly said: string;
}

async function vigil(...args: string[]): Promise<Outcome> {
  const [out, said]: [string[], string[]] = [[], []];
  const code = await runCli(['workflows', ...args], {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => said.push(text) },
  });
  return { code, text: out.join('').trimEnd(), said: said.join('') };
}
const json = async (...args: string[]): Promise<ReturnType<typeof JSON.parse>> => JSON.parse((await vigil(...args, '--json')).text);

const hourly = '{type: cron, expression: "0 * * * *"}';
async function deployText(text: string): Promise<void> {
  writeFileSync(join(folder, 'one.yaml'), text);
  expect((await vigil('deploy', join(folder, 'one.yaml'))).code).toBe(0);
}

test('a folder is deployed: definitions, then the schedules that name them', async () => {
  const root = join(folder, 'all');
  for (const name of ['definitions', 'schedules']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'definitions', 'b.yaml'), aWorkflow('beta', hourly));
  writeFileSync(join(root, 'definitions', 'a.yml'), aWorkflow('alpha'));
  writeFileSync(join(root, 'definitions', 'notes.txt'), 'no definition');
  writeFileSync(
    join(root, 'schedules', 'daily.yaml'),
    'schedules:\n  - {name: late, workflow: alpha, schedule: {type: interval, every: 1h}}\n',
  );

  const first = await vigil('deploy', root, '--as', 'ann');
  expect(first.text.split('\n').slice(0, 2)).toEqual(['alpha, version 1: deployed', 'beta, version 1: deployed']);
  expect(first.text).toMatch(/daily\.yaml: 1 schedules$/);
  expect(await json('deploy', root)).toMatchObject({
    workflows: [{ outcome: 'unchanged' }, { outcome: 'unchanged' }],
    schedules: [{ schedules: ['alpha/late'] }],
  });
  expect((await json('list')).workflows).toMatchObject([{ workflow: 'alpha' }, { workflow: 'beta', enabled: true }]);
  expect((await vigil('list')).text).toMatch(/beta +1 +true +0 +–/);

  expect((await vigil('show', 'beta')).text).toMatch(/^beta, version 1\n[^]*load +transformation +default[^]*beta\/cron +cron +true/);
  expect((await vigil('show', 'beta', '--at-version', '1', '--text')).text).toContain('expression: "0 * * * *"');
  expect((await vigil('disable', 'beta')).text).toBe('beta is disabled');
  expect((await vigil('show', 'beta')).text).toContain('beta, version 1, disabled');
  expect((await vigil('enable', 'alpha/late')).text).toBe('alpha/late is enabled');
});

test('what is wrong ends with the documented exit code and one JSON document', async () => {
  writeFileSync(join(folder, 'bad.yaml'), 'name: x\ntasks: [{name: a, type: transformation, functio: f}]\n');
  const bad = await vigil('deploy', join(folder, 'bad.yaml'));
  expect(bad).toMatchObject({ code: 78, text: '' });
  expect(bad.said).toMatch(/BAD_DEFINITION[^]*2:\d+ tasks\[0\].functio: unknown field functio/);
  expect(await vigil('deploy', join(folder, 'nothing.yaml'))).toMatchObject({ code: 2 });
  expect(await vigil('show', 'none')).toMatchObject({
    code: 2,
    said: 'vigil: WORKFLOW_UNKNOWN: No workflow of this name and version is deployed. none See vigil workflows list.\n',
  });
  expect(await json('why', '00000000-0000-4000-8000-000000000000')).toMatchObject({ error: { code: 'RUN_UNKNOWN' } });
  expect(await vigil('pools', '--slots', '3')).toMatchObject({ code: 2 });
  expect(await vigil('run', 'x', '--parameter', 'k')).toMatchObject({ code: 2 });

  const nowhere = openOrchestratorApi({ url: 'http://127.0.0.1:9', apiKey });
  await expect(nowhere.get('/v1/runs')).rejects.toMatchObject({ code: 'ORCHESTRATOR_AWAY' });
  api.replace({
    listPools: async () => {
      throw new Error('x');
    },
  });
  expect(await vigil('pools')).toMatchObject({ code: 1, said: expect.stringContaining('answers 500') });
  api.replace({});
});

test('a run is started once with a key, explained, approved, shown as a tree and told as a history', async () => {
  await deployText(
    'name: w\ndescription: Two steps\nparameters: {k: {type: number, default: 1}, full: {type: boolean, default: false}}\ntasks:\n  - {name: ask, type: approval, approvers: [carol], message: "Go?"}\n  - {name: load, type: transformation, function: sql_load, depends_on: [ask]}\n',
  );
  const start = ['run', 'w', '--parameter', 'k=20', '--parameter', 'full=true', '--priority', '7', '--key', 'monday', '--as', 'ann'];
  const { run } = await json(...start);
  expect(run).toMatchObject({ status: 'running', trigger: 'manual', requestedBy: 'ann' });
  expect((await json(...start)).run.runId).toBe(run.runId);

  expect((await vigil('why', run.runId)).text).toBe('ask waits for carol to approve or decline.\nload waits for ask to end.');
  expect(await vigil('approve', run.runId, 'ask', '--as', 'bob')).toMatchObject({ code: 2, said: expect.stringContaining('NO_APPROVER') });
  expect((await vigil('approve', run.runId, 'ask', '--as', 'carol', '--reason', 'looks right')).text).toBe(`${run.runId}  running`);
  expect((await vigil('pause', run.runId, '--reason', 'disk is full', '--as', 'ann')).text).toMatch(/paused$/);
  expect((await vigil('why', run.runId)).text).toContain('The run was paused by ann: disk is full.');
  await vigil('resume', run.runId);
  await api.succeed(run.runId);

  expect((await vigil('runs', run.runId)).text).toMatch(
    new RegExp(`^w@1  succeeded  ${run.runId}  \\d+ ms\n├─ ask  succeeded[^\n]*\n└─ load  succeeded[^\n]*$`),
  );
  const logs = (await vigil('logs', run.runId)).text;
  expect(logs).toMatch(/1 {2}\S+ {2}requested\n[^]*approved {2}ask {2}by carol {2}looks right\n[^]*pause {2}by ann {2}disk is full\n/);
  expect((await vigil('why', run.runId)).text).toBe('Nothing waits: the run is succeeded.');
  expect((await vigil('cancel', run.runId)).code).toBe(2);
  expect((await vigil('logs', run.runId)).text).toContain('(changed nothing: run-has-ended)');
  expect((await vigil('retry', run.runId, '--task', 'load')).text).toMatch(/running$/);
  expect((await vigil('retry', run.runId, '--task', 'load', '--fixed')).code).toBe(2);
});

test('--wait ends with the run: 0 where it succeeded, 1 where it did not or did not end', async () => {
  await deployText('name: w\ntasks: [{name: rest, type: wait, duration: 1h}]\n');
  expect(await vigil('run', 'w', '--wait', '1')).toMatchObject({ code: 1, text: expect.stringMatching(/^w@1 {2}running/) });
  await deployText(aWorkflow('w'));
  const waiting = vigil('run', 'w', '--wait', '20');
  for (let open: { runId: string }[] = []; open.length === 0;) {
    open = await api.query<{ runId: string }>(
      `SELECT r.run_id AS "runId" FROM orchestration.run r JOIN orchestration.task_run t USING (run_id) WHERE r.version = 2 AND t.state = 'queued'`,
    );
    for (const { runId } of open) await api.succeed(runId);
  }
  expect(await waiting).toMatchObject({ code: 0, text: expect.stringMatching(/^w@2 {2}succeeded/) });

  const { runs, next } = await json('runs', '--limit', '1', '--workflow', 'w');
  expect(runs).toMatchObject([{ status: 'succeeded', version: 2 }]);
  expect((await vigil('runs', '--limit', '1', '--cursor', next)).text).toMatch(/w@1 +running +manual/);
  expect((await vigil('runs', '--limit', '1')).said).toContain('--cursor');
  expect((await vigil('runs', '--status', 'failed')).text).toBe('  (no rows)');
});

test('fix and resume: a run that failed goes on under the version that was deployed after it', async () => {
  await deployText(aWorkflow('w'));
  const { run } = await json('run', 'w');
  const [row] = await api.query<{ epoch: number }>('SELECT epoch FROM orchestration.task_run WHERE run_id = $1', [run.runId]);
  const error = { code: 'BAD_DEFINITION', kind: 'config', detail: 'no table' } as const;
  await api.runs.step([
    { runId: run.runId, messageId: null, input: { kind: 'failed', task: 'load', part: 0, epoch: row?.epoch ?? 0, error } },
  ]);
  expect((await vigil('runs', run.runId)).text).toContain('BAD_DEFINITION: no table');
  expect((await vigil('logs', run.runId)).text).toContain('failed  load  BAD_DEFINITION: no table');
  await deployText(aWorkflow('w').replace('sql_load', 'sql_fixed'));
  expect((await json('retry', run.runId, '--fixed')).run).toMatchObject({ status: 'running', version: 2 });
});

test('a backfill is started, shown, paused, resumed and cancelled', async () => {
  await deployText(aWorkflow('w', hourly));
  const { backfill } = await json(
    'backfill',
    'start',
    'w',
    '--from',
    '2024-03-01T00:00:00Z',
    '--until',
    '2024-03-01T03:00:00Z',
    '--at-once',
    '2',
    '--key',
    'b',
  );
  await api.takeOthers();
  expect((await vigil('backfill', 'show', backfill.backfillId)).text).toMatch(
    /w {2}running {2}2024-03-01T00:00:00.000Z to 2024-03-01T03:00:00.000Z, 2 at once: waiting 1, started 2, succeeded 0, failed 0, cancelled 0\n[^]*2024-03-01T02:00:00.000Z +waiting +–$/,
  );
  expect((await vigil('backfill', 'pause', backfill.backfillId)).text).toContain('paused');
  expect((await vigil('backfill', 'resume', backfill.backfillId)).text).toContain('running');
  expect((await vigil('backfill', 'cancel', backfill.backfillId)).text).toContain('cancelled 1');
  expect((await vigil('backfill', 'list')).text).toContain(backfill.backfillId);
  expect((await vigil('backfill', 'start', 'w', '--from', 'soon', '--until', '1h')).code).toBe(2);
});

test('pools tell who holds what of them, and are changed', async () => {
  await api.query(
    `INSERT INTO orchestration.pool (pool, slots, cpu, memory_mib, io) VALUES ('batch', 4, 2, 1024, 10) ON CONFLICT DO NOTHING`,
  );
  await deployText(aWorkflow('w'));
  const { run } = await json('run', 'w');
  await api.query(
    `INSERT INTO orchestration.pool_slot (run_id, task, part, epoch, pool, slots, cpu, memory_mib, io) VALUES ($1, 'load', 0, 1, 'batch', 1, 0.5, 64, 1)`,
    [run.runId],
  );
  expect((await vigil('pools', 'batch', '--slots', '8')).text).toBe(
    `batch: 1 of 8 slots, cpu 0.5 of 2, memory 64 of 1024 MiB, io 1 of 10; 0 queued\n  w/load of run ${run.runId}: 1`,
  );
});
