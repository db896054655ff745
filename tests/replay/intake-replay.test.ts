import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createClaimReader } from '@vigil/claim-formats';
import { allTopics, topics } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import { createMemoryRegistry, partitionOf, runTopology, type Stage } from '@vigil/kafka';
import { createReplayJobs } from '@vigil/postgres';
import { besideLive, type RunSettings } from '@vigil/runtime';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { abandonReplay } from '../../packages/cli/src/replay/abandon-replay.ts';
import { cutOverStage } from '../../packages/cli/src/replay/cutover-stage.ts';
import { diffStage } from '../../packages/cli/src/replay/diff-stage.ts';
import { planStage } from '../../packages/cli/src/replay/plan-stage.ts';
import { parseScope } from '../../packages/cli/src/replay/replay-scope.ts';
import { runEnvironment, runStageReplay, type StageProcess, type StageRunOptions } from '../../packages/cli/src/replay/run-stage.ts';
import type { ReplayTools } from '../../packages/cli/src/replay/with-replay.ts';
import { settings } from '../../services/claims-validator/src/config.ts';
import { createIntakeTopology } from '../../services/claims-validator/src/intake-topology.ts';
import { intakeRules } from '../../services/claims-validator/test-support/intake.ts';
import { openWorld, until, type World } from './world.ts';

const partitions = 2;
const stageName = 'claims-validator-intake';
const source = topics.claimReceived;
const registry = createMemoryRegistry();
const scope = parseScope(source.name, {});

let world: World;
let database: TestDatabase;
let tools: ReplayTools;
let live: Stage;

/** Three readings of 20 claim ids: as they are, again, and every fifth with another amount. */
const claims = (): readonly (readonly [key: string, value: string])[] =>
  [0, 1, 2].flatMap((round) =>
    Array.from({ length: 20 }, (_, at) => {
      const amount = round === 2 && at % 5 === 0 ? 99 : 10 + at;
      const claim = {
        claim_id: `CLM_${at}`,
        patient_id: `PAT_${at % 7}`,
        service_date: '2024-03-15',
        services: [{ procedure_code: '99213', amount, units: 1 }],
        total_amount: amount,
        insurance_info: { policy_number: `POL_${at % 3}` },
      };
      return [claim.claim_id, JSON.stringify(claim)] as const;
    }),
  );

const rulesUpTo = (most: number) =>
  intakeRules({
    readClaim: createClaimReader(),
    random: (size) => randomBytes(size),
    workflow: { requiredFields: ['claim_id', 'patient_id', 'service_date'], amountCents: { least: 0, most } },
  });

const isRead = (stage: Stage, ends: readonly number[]): boolean =>
  ends.every((end, partition) =>
    stage.health().partitions.some((place) => place.topic === source.name && place.partition === partition && place.committed >= end),
  );

/** The settings that the program parses, of those that the run gives it. */
function runSettingsOf(environment: Readonly<Record<string, string>>): Partial<RunSettings> & { readonly runStage?: string | undefined } {
  const needed = { VIGIL_KAFKA_BROKERS: 'b:1', VIGIL_SCHEMA_REGISTRY_URL: 'http://r', VIGIL_KEYS_FILE: '/keys' };
  return settings.parse({ ...needed, ...environment });
}

const launchWith =
  (most: number) =>
  (environment: Readonly<Record<string, string>>): StageProcess => {
    const parsed = runSettingsOf(environment);
    const own = besideLive(world.connect(), parsed.runStage ?? '', parsed, systemClock);
    const stage = runTopology(createIntakeTopology(rulesUpTo(most)), { client: own, registry });
    return { ended: stage.then(({ finished }) => finished).then(() => 'stopped', String), stop: async () => void (await (await stage).drain({ withinMs: 10_000 })) }; // prettier-ignore
  };

const options = (most: number): StageRunOptions => ({
  launch: launchWith(most),
  replicationFactor: 1,
  flushMs: 0,
  progress: () => undefined,
  nowMs: () => Date.now(),
  untilMs: Date.now() + 60_000,
  yieldSeconds: 0,
});

const plan = async () => (await planStage(tools, stageName, scope, { rate: 1_000_000, settings: {} })).job;

beforeAll(async () => {
  [world, database] = await Promise.all([openWorld('intake-replay'), createTestDatabase('vigil')]);
  tools = { ...world, jobs: createReplayJobs(database.pool), poolOf: () => database.pool };
  const needed = allTopics({ chainPartitions: partitions, replicationFactor: 1 }).filter(
    ({ name, group, topic }) => group === stageName || (group === null && /^(claims|patients|lineage)/.test(topic?.name ?? name)),
  );
  await world.client.admin.createTopics(needed.map(({ name, config }) => ({ name, partitions, replicationFactor: 1, config })));
  for (const { schema } of [topics.claimSubmitted, topics.identityObserved]) registry.register(schema);
  live = await runTopology(createIntakeTopology(rulesUpTo(5_000_000)), { client: world.connect(), registry });
  const producer = await world.client.openIdempotentProducer();
  await producer.send(
    claims().map(([claimId, value]) => {
      const key = Buffer.from(claimId);
      return { topic: source.name, partition: partitionOf(key, partitions), key, value: Buffer.from(value), headers: [], timestamp: null };
    }),
  );
  await producer.close();
  await until(async () => isRead(live, await world.client.admin.stableOffsets(source.name)));
  await live.drain({ withinMs: 10_000 });
}, 120_000);

afterAll(async () => {
  await live?.drain({ withinMs: 10_000 });
  await world?.close();
  await database?.drop();
}, 60_000);

test('raw claims that are read again beside the live stage become the same submissions', async () => {
  const before = await world.client.admin.stableOffsets(topics.claimSubmitted.name);
  const job = await plan();
  expect(runEnvironment(job, 0)).toMatchObject({ VIGIL_RUN_ID: job.jobId, VIGIL_RUN_STAGE: stageName });
  const done = await runStageReplay(tools, job, options(5_000_000));

  // 20 claims, and 4 of them again with another amount; the repeats are none.
  expect(await diffStage(tools, registry, done)).toMatchObject({ equal: true, outputs: [{ equal: 24, changed: 0, unsettled: 0 }] });
  expect(await world.client.admin.stableOffsets(topics.claimSubmitted.name)).toEqual(before);
  await abandonReplay(tools, done);
}, 90_000);

test('what another rule changes shows field by field; a run takes no place, and is never one of a single patient', async () => {
  tools = { ...tools, client: world.connect() };
  const done = await runStageReplay(tools, await plan(), options(2_000));
  const difference = await diffStage(tools, registry, done);

  // Above 20.00 are the 9 claims of 21 to 29 dollars, and the 4 of 99.
  expect(difference).toMatchObject({ equal: false, outputs: [{ equal: 11, changed: 13, fields: { problems: 13 } }] });
  expect(JSON.stringify(difference)).not.toContain('PAT_');
  const cutover = { ...options(2_000), pages: false };
  await expect(cutOverStage(tools, done, cutover)).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  const ofOne = parseScope(source.name, { key: 't1.abc' });
  await expect(planStage(tools, stageName, ofOne, { rate: 1, settings: {} })).rejects.toMatchObject({ code: 'REPLAY_UNSUPPORTED' });
  await abandonReplay(tools, done);
}, 90_000);

test('a run without the stage that it is one of is refused', () => {
  expect(() => runSettingsOf({ VIGIL_RUN_ID: 'r1' })).toThrow(/VIGIL_RUN_STAGE/);
  expect(() => runSettingsOf({ VIGIL_RUN_ID: 'r1', VIGIL_RUN_STAGE: 'vitals-windowing' })).toThrow(/VIGIL_RUN_STAGE/);
});
