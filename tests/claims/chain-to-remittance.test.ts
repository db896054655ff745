import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkExplanation, checkRemittance, readRemittance, writeExplanation } from '@vigil/claim-formats';
import { topics, type ClaimAdjudicated } from '@vigil/contracts';
import { startStack } from '@vigil/stack';
import { createTestDatabase, sharedData, type TestDatabase } from '@vigil/testing';
import { runCli } from '../../packages/cli/src/run-cli.ts';
import { areAmountsPlausible } from '../../services/deidentifier/src/domain/claim-amounts.ts';
import { driveDeidentifier } from '../../services/deidentifier/test-support/drive-deidentifier.ts';
import {
  createOperationalSink,
  operationalSpec,
} from '../../services/warehouse-loader/src/adapters/operational/create-operational-sink.ts';
import { createWarehouseSink, warehouseSpec } from '../../services/warehouse-loader/src/adapters/warehouse/create-warehouse-sink.ts';
import { createSinkBench, drained } from '../../services/warehouse-loader/src/fixtures/sink-bench.ts';
import { openClaimsChain, shippedReference, standingOutcomesOf, type Input } from './claims-chain.ts';

const { claimAdjudicated, deidClaimAdjudicated } = topics;
const before = process.env['VIGIL_DATABASE_URL'];

let operational: TestDatabase;
let warehouse: TestDatabase;
let decisions: readonly ClaimAdjudicated[];

const claim = {
  claim_id: 'CLM_1',
  patient_id: 'PAT_12345',
  provider_id: 'PROV_001',
  service_date: '2024-03-15',
  received_date: '2024-03-20',
  services: [{ procedure_code: '99213', description: 'Office visit, established patient', amount: 150.0, units: 1 }],
  total_amount: 150.0,
  insurance_info: { policy_number: 'POL_123456', group_number: 'GRP_789', coverage_type: 'PRIMARY' },
};
const replaced = { ...claim, claim_id: 'CLM_2', service_date: '2024-03-18' };
const voided = { ...claim, claim_id: 'CLM_4', service_date: '2024-03-19' };

/** Every way in which a claim can go: paid, denied, pended, replaced, voided, refused by each early rule. */
const claims = [
  claim,
  { ...claim, claim_id: 'CLM_LATE', received_date: undefined },
  { ...claim, claim_id: 'CLM_DATE', service_date: '15.03.2024' },
  { ...claim, claim_id: 'CLM_NOBODY', patient_id: undefined },
  { ...claim, claim_id: 'CLM_POLICY', insurance_info: undefined },
  { ...claim, claim_id: 'CLM_AMOUNT', services: [{ ...claim.services[0], amount: '150.00' }] },
  { ...claim, claim_id: 'CLM_CODE', services: [{ ...claim.services[0], procedure_code: 'Jane Canary' }] },
  { ...claim, claim_id: 'CLM_PROVIDER', provider_id: '1234567890' },
  replaced,
  { ...replaced, claim_id: 'CLM_3', type: 'replacement', original_claim_id: 'CLM_2', services: [{ ...claim.services[0], units: 2 }], total_amount: 300 }, // prettier-ignore
  voided,
  { ...voided, claim_id: 'CLM_5', type: 'void', original_claim_id: 'CLM_4' },
];

function samples(): Input[] {
  const folder = sharedData('x12/imsweb-837');
  if (folder === null) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

beforeAll(async () => {
  const chain = await openClaimsChain({ reference: await shippedReference() });
  await chain.send([{ name: 'claims_1.json', bytes: Buffer.from(JSON.stringify(claims)) }, ...samples()]);
  decisions = chain.decisions();
  operational = await createTestDatabase('vigil');
  warehouse = await createTestDatabase('vigil_warehouse');
  process.env['VIGIL_DATABASE_URL'] = operational.url;
  // Exports are recorded before they read.
  await startStack();
  for (const args of [
    ['topics', 'apply'],
    ['schemas', 'register'],
  ])
    await runCli(args, { stdout: { write: () => undefined }, stderr: { write: () => undefined } });
}, 60_000);
afterAll(async () => {
  if (before === undefined) delete process.env['VIGIL_DATABASE_URL'];
  else process.env['VIGIL_DATABASE_URL'] = before;
  await operational?.drop();
  await warehouse?.drop();
});

async function vigil(...args: readonly string[]): Promise<string> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

test('whatever is adjudicated is exported: JSON counts its outcomes, the 835 and every explanation of benefit balance', async () => {
  const bench = await createSinkBench({ spec: operationalSpec });
  await bench.send(claimAdjudicated, decisions);
  await drained(await bench.start(createOperationalSink(operational.pool)), bench);
  await bench.stop();
  expect(bench.quarantined(claimAdjudicated)).toBe(0);

  const exported = JSON.parse(await vigil('claims', 'export', '--format', 'json')) as { claims: { outcome: string }[] };
  const counts = Object.entries(Object.groupBy(exported.claims, ({ outcome }) => outcome)).map(([outcome, own]) => [outcome, own!.length]);
  expect(Object.fromEntries(counts)).toEqual(standingOutcomesOf(decisions));
  expect(Object.keys(Object.fromEntries(counts)).sort()).toEqual(['denied', 'paid', 'pended', 'reversed']);

  const { files, problems } = readRemittance(await vigil('claims', 'export', '--format', '835', '--cycle', 'c1'));
  const remittances = files.flatMap((file) => file.remittances);
  expect([...problems, ...remittances.flatMap((remittance) => checkRemittance(remittance))]).toEqual([]);
  const told = remittances.flatMap((remittance) => remittance.claims).map(({ status, paidCents }) => [status === 'reversal', paidCents]);
  const decided = decisions.filter(({ outcome }) => outcome !== 'pended').map(({ kind, paidCents }) => [kind === 'reversal', paidCents]);
  expect(told.map(String).sort()).toEqual(decided.map(String).sort());

  for (const decision of decisions) expect(checkExplanation(writeExplanation(decision, null))).toEqual([]);
});

test('whatever is adjudicated reaches the warehouse, in the same numbers, and no name in the place of a code with it', async () => {
  const driver = driveDeidentifier();
  await driver.pipe(claimAdjudicated, ...decisions.map((value) => ({ key: value.policyToken, value })));
  expect(driver.quarantined()).toEqual([]);
  const bench = await createSinkBench({ spec: warehouseSpec });
  await bench.send(deidClaimAdjudicated, driver.read(deidClaimAdjudicated));
  await drained(await bench.start(createWarehouseSink(warehouse.pool)), bench);
  await bench.stop();

  expect(bench.quarantined(deidClaimAdjudicated)).toBe(0);
  const { rows } = await warehouse.pool.query<Record<string, number>>(
    `SELECT count(*) AS records, sum(charge_cents) AS charged, sum(paid_cents) AS paid, sum(patient_cents) AS patient FROM warehouse.fact_claim`,
  );
  // Free numbers are withheld.
  const told = decisions.filter((decision) => areAmountsPlausible({ ...decision }));
  const sumOf = (of: (decision: ClaimAdjudicated) => number): number => told.reduce((sum, decision) => sum + of(decision), 0);
  expect(rows[0]).toEqual({
    records: decisions.length,
    charged: sumOf((decision) => decision.chargeCents),
    paid: sumOf((decision) => decision.paidCents),
    patient: sumOf((decision) => decision.patientCents),
  });
  const { rows: codes } = await warehouse.pool.query<{ code: string }>('SELECT code FROM warehouse.dim_procedure');
  expect(codes.filter(({ code }) => /anary/.test(code))).toEqual([]);
  const { rows: outcomes } = await warehouse.pool.query<{ outcome: string; n: number }>(
    'SELECT outcome, count(*)::int AS n FROM warehouse.claim GROUP BY 1',
  );
  expect(Object.fromEntries(outcomes.map(({ outcome, n }) => [outcome, n]))).toEqual(standingOutcomesOf(decisions));
});
