import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readRemittance } from '@vigil/claim-formats';
import { topics, type ClaimAdjudicated } from '@vigil/contracts';
import { toUuid } from '@vigil/core';
import { startStack } from '@vigil/stack';
import { createTestDatabase, decidedClaims, type TestDatabase } from '@vigil/testing';
import { runCli } from '../../packages/cli/src/run-cli.ts';
import { driveDeidentifier } from '../../services/deidentifier/test-support/drive-deidentifier.ts';
import {
  createOperationalSink,
  operationalSpec,
} from '../../services/warehouse-loader/src/adapters/operational/create-operational-sink.ts';
import { rewindOperational } from '../../services/warehouse-loader/src/adapters/operational/rewind-operational.ts';
import { createWarehouseSink, warehouseSpec } from '../../services/warehouse-loader/src/adapters/warehouse/create-warehouse-sink.ts';
import { createSinkBench, drained, type SinkBench } from '../../services/warehouse-loader/src/fixtures/sink-bench.ts';

const { claimAdjudicated, deidClaimAdjudicated } = topics;
const before = process.env['VIGIL_DATABASE_URL'];

let operational: TestDatabase;
let warehouse: TestDatabase;
let bench: SinkBench;

beforeAll(async () => {
  operational = await createTestDatabase('vigil');
  warehouse = await createTestDatabase('vigil_warehouse');
  process.env['VIGIL_DATABASE_URL'] = operational.url;
  // Exports are recorded before they read.
  await startStack();
  await vigil('topics', 'apply');
  await vigil('schemas', 'register');
}, 60_000);
beforeEach(() =>
  operational.pool.query(
    `TRUNCATE claims.decision, claims.decision_line, claims.decision_adjustment, claims.remittance, claims.remittance_held,
     claims.remittance_cycle, engine.sink_offset, engine.ledger_outbox RESTART IDENTITY`,
  ),
);
afterEach(() => bench.stop());
afterAll(async () => {
  if (before === undefined) delete process.env['VIGIL_DATABASE_URL'];
  else process.env['VIGIL_DATABASE_URL'] = before;
  await operational?.drop();
  await warehouse?.drop();
});

async function vigil(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}

test('what the loader stores is what was decided, field by field', async () => {
  bench = await createSinkBench({ spec: operationalSpec });
  const decisions = decidedClaims(41, 60);
  await bench.send(claimAdjudicated, decisions);
  await drained(await bench.start(createOperationalSink(operational.pool)), bench);

  const explained: ClaimAdjudicated[] = [];
  for (const claimId of new Set(decisions.map((decision) => decision.claimId))) {
    const { stdout } = await vigil('claims', 'explain', claimId, '--json');
    explained.push(...(JSON.parse(stdout) as { decisions: ClaimAdjudicated[] }).decisions);
  }
  const byId = (all: readonly ClaimAdjudicated[]) => all.toSorted((a, b) => (a.decisionId < b.decisionId ? -1 : 1));
  expect(byId(explained)).toEqual(byId(decisions));
});

test('a remittance survives a replay of the store: the same while it is whole, refused while it is not', async () => {
  bench = await createSinkBench({ spec: operationalSpec });
  const decisions = decidedClaims(42, 80);
  await bench.send(claimAdjudicated, decisions);
  const stage = await bench.start(createOperationalSink(operational.pool));
  await drained(stage, bench);
  const first = await vigil('claims', 'export', '--format', '835', '--cycle', 'c1');
  await bench.stop();

  await rewindOperational({ pool: operational.pool, topic: claimAdjudicated.name, partition: 0, toOffset: 10 });
  expect(await vigil('claims', 'export', '--format', '835', '--cycle', 'c1')).toMatchObject({ code: 2, stdout: '' });
  expect(await vigil('claims', 'export', '--format', '835', '--cycle', 'c2')).toMatchObject({ code: 2, stdout: '' });
  await drained(await bench.start(createOperationalSink(operational.pool)), bench);

  expect((await vigil('claims', 'export', '--format', '835', '--cycle', 'c1')).stdout).toBe(first.stdout);
  const { files } = readRemittance(first.stdout);
  const paid = files.flatMap(({ remittances }) => remittances.flatMap(({ claims }) => claims));
  expect(paid).toHaveLength(decisions.filter(({ outcome }) => outcome !== 'pended').length);
});

test('nothing that identifies goes from a decision to the warehouse', async () => {
  const canary = 'CANARY';
  const planted = decidedClaims(43, 40).map((decision, index) => ({
    ...decision,
    scope: `${canary}-scope`,
    reviewId: `${canary}-review`,
    claimId: `${canary}-claim-${index}`,
    providerId: `${canary}-provider-${index % 3}`,
    patientToken: `t1.${canary}-patient-${index % 7}`,
    policyToken: `t1.${canary}-policy-${index % 5}`,
    memberToken: `t1.${canary}-member-${index % 7}`,
    claimReasons: [{ rule: 'TIMELY_FILING', table: '', row: `${canary}-row`, version: 20_240_315, detail: `${canary} detail` }],
  }));
  const driver = driveDeidentifier();
  await driver.pipe(claimAdjudicated, ...planted.map((value) => ({ key: value.policyToken, value })));
  bench = await createSinkBench({ spec: warehouseSpec });
  await bench.send(deidClaimAdjudicated, driver.read(deidClaimAdjudicated));
  await drained(await bench.start(createWarehouseSink(warehouse.pool)), bench);

  const { rows: tables } = await warehouse.pool.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'warehouse' AND table_type = 'BASE TABLE'",
  );
  let everything = '';
  for (const { name } of tables) {
    // Loading times and offsets are out of the analysts' reach, and of this test's.
    const { rows } = await warehouse.pool.query<{ row: string }>(
      `SELECT (to_jsonb(t) - 'loaded_at')::text AS row FROM warehouse.${name} t`,
    );
    everything += rows.map(({ row }) => row).join('\n');
  }
  expect((await warehouse.pool.query('SELECT FROM warehouse.fact_claim')).rowCount).toBe(planted.length);
  expect(everything.includes(canary)).toBe(false);
  for (const { decisionId, submissionId, receivedAt, decidedAt } of planted) {
    for (const text of [toUuid(decisionId), toUuid(submissionId), String(receivedAt), String(decidedAt)].map((id) =>
      id.replaceAll('-', ''),
    )) {
      expect({ text, leaks: everything.replaceAll('-', '').includes(text) }).toEqual({ text, leaks: false });
    }
  }
  // The rows of a version: their day would date the decision.
  expect(everything.includes('20240315')).toBe(false);
});
