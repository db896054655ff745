import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  changelogTopicOf,
  schemas,
  topics,
  type ClaimAdjudicated,
  type ClaimSubmitted,
  type KnownClaim,
  type OwnedPots,
  type Topic,
} from '@vigil/contracts';
import { createKafkaClient, createValueDecoder, createValueEncoder, partitionOf, topicsOfTopology, type KafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { drive, namespaced } from '@vigil/testing';
import { aClaim, aLine, aMember, aPlan, aPrice, aProvider } from '../test-support/adjudicate-records.ts';
import { day } from '../test-support/records.ts';
import { claimRecord, claimsOf, loadReference, potsOf } from '../test-support/adjudicate-rig.ts';
import { registryOfThisVersion } from '../test-support/registry-of-this-version.ts';
import { createAdjudicateTopology } from './adjudicate-topology.ts';
import { defaultAdjudicationSettings } from './domain/adjudication-settings.ts';

const partitions = 4;
const policies = 30;
const claimsOfPolicy = 40;
const group = 'claims-validator-adjudicate';
const topology = createAdjudicateTopology(defaultAdjudicationSettings);
const registry = registryOfThisVersion();
const prefix = `claims-${randomUUID().slice(0, 8)}.`;

let brokers: string;
let client: KafkaClient;

beforeAll(async () => {
  ({ kafkaBrokers: brokers } = (await startStack()).env);
  client = namespaced(createKafkaClient({ brokers: brokers.split(','), clientId: 'adjudicate-crash-test' }), prefix);
  await client.admin.createTopics(
    [...new Set(topicsOfTopology(topology))].map((name) => ({ name, partitions, replicationFactor: 1, config: {} })),
  );
}, 180_000);
afterAll(() => client.close());

const policyAt = (index: number): string => `t1.policy-${index}`;

/** Visit after visit of each policy; every fifth is corrected by the next, every seventh waits, every eleventh is voided. */
function claims(): readonly ClaimSubmitted[] {
  return Array.from({ length: policies * claimsOfPolicy }, (_, index) => {
    const policyToken = policyAt(index % policies);
    const visit = Math.floor(index / policies);
    const serviceFrom = day('2024-01-02') + visit;
    const corrects = visit > 0 && (visit % 5 === 0 || visit % 11 === 0);
    return aClaim({
      claimId: `P${index % policies}V${visit}`,
      policyToken,
      memberToken: `${policyToken}.${visit % 2}`,
      serviceFrom,
      serviceTo: serviceFrom,
      // The decision is made today, years later: only what was received late is late.
      receivedOn: serviceFrom + 3,
      frequency: corrects ? (visit % 5 === 0 ? 'replacement' : 'void') : 'original',
      originalClaimId: corrects ? `P${index % policies}V${visit - 1}` : null,
      lines: [aLine({ chargeCents: visit % 7 === 3 ? 6_000_000 : 5_000 + 100 * visit })],
    });
  });
}
const members = Array.from({ length: policies * 2 }, (_, index) => {
  const policyToken = policyAt(Math.floor(index / 2));
  return aMember({ policyToken, memberToken: `${policyToken}.${index % 2}` });
});

async function send<Value>(
  topic: Topic<Value>,
  records: readonly { readonly key: string; readonly value: Value }[],
  partition?: number,
): Promise<void> {
  const encode = createValueEncoder(topic.schema, registry.register(topic.schema));
  const producer = await client.openIdempotentProducer();
  await producer.send(
    records.map(({ key, value }) => ({
      topic: topic.name,
      partition: partition ?? partitionOf(Buffer.from(key), partitions),
      key: Buffer.from(key),
      value: encode(value),
      headers: [],
      timestamp: null,
    })),
  );
  await producer.close();
}

/** Everything committed to a topic, in the order of each partition. */
async function readAll<Value>(topic: string, schema: object): Promise<[string, Value | null][]> {
  const decode = createValueDecoder(schema as never, { cached: () => schema } as never);
  const ends = await client.admin.stableOffsets(topic);
  const fetcher = await client.openFetcher();
  const read: [string, Value | null][] = [];
  const open = new Set(ends.flatMap((end, partition) => (end > 0 ? [partition] : [])));
  for (const partition of open) fetcher.assign({ topic, partition }, 0);
  while (open.size > 0) {
    for (const { partition, records, nextOffset } of await fetcher.poll(200)) {
      for (const { key, value } of records) read.push([key?.toString() ?? '', value === null ? null : (decode(value) as Value)]);
      if (nextOffset >= (ends[partition] ?? 0)) open.delete(partition);
    }
  }
  await fetcher.close();
  return read;
}

const committedOf = async (topic: string): Promise<number> =>
  (await client.admin.committed(group, [topic]).catch(() => [])).reduce((sum, { offset }) => sum + (offset ?? 0), 0);

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const lastMs = Date.now() + 120_000;
  while (!(await isSo())) {
    if (Date.now() > lastMs) throw new Error(`not in two minutes: ${what}`);
    await pause(25);
  }
}

function start(): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../test-support/adjudicate-program.ts')], {
    env: { PATH: process.env['PATH'], VIGIL_KAFKA_BROKERS: brokers, VIGIL_TEST_PREFIX: prefix, VIGIL_TEST_COMMIT_RECORDS: '20' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The same on a broker in memory, where nothing goes wrong. */
async function undisturbed() {
  const driver = drive(topology, { partitions, startMs: Date.now() });
  await loadReference(driver);
  for (const member of members) await driver.pipe(topics.memberChanged, { key: member.policyToken, value: member });
  await driver.pipe(topics.claimSubmitted, ...claims().map(claimRecord));
  return {
    pots: potsOf(driver.broker, partitions),
    claims: claimsOf(driver.broker, partitions),
    decisions: driver.read(topics.claimAdjudicated),
  };
}

const withoutTime = (decision: ClaimAdjudicated) => ({ ...decision, decidedAt: 0 });
const byId = (decisions: readonly ClaimAdjudicated[]) =>
  decisions.map(withoutTime).toSorted((a, b) => (a.decisionId < b.decisionId ? -1 : 1));

test('killed three times amid its claims, adjudication ends with the accumulators of an undisturbed run', async () => {
  await send(topics.planChanged, [{ key: 'P', value: aPlan() }], 0);
  await send(topics.feeScheduleChanged, [{ key: 'S', value: aPrice() }], 0);
  await send(topics.providerChanged, [{ key: 'PROV', value: aProvider() }], 0);
  await send(
    topics.memberChanged,
    members.map((value) => ({ key: value.policyToken, value })),
  );
  let child = start();
  try {
    await until('members are known', async () => (await committedOf(topics.memberChanged.name)) >= members.length);
    const all = claims().map(claimRecord);
    // All at once, so that at each death claims wait.
    await send(topics.claimSubmitted, all);
    const ends = await client.admin.stableOffsets(topics.claimSubmitted.name);
    const end = ends.reduce((sum, offset) => sum + offset, 0);
    for (const part of [0.2, 0.4, 0.6]) {
      await until(`${part} are decided`, async () => (await committedOf(topics.claimSubmitted.name)) >= part * end);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const committed = await client.admin.committed(group, [topics.claimSubmitted.name]);
      // Else it was killed at rest.
      expect(committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0)).toBeLessThan(end);
      child = start();
    }
    await until('all are decided', async () => (await committedOf(topics.claimSubmitted.name)) >= end);
  } finally {
    child.kill('SIGKILL');
  }

  const expected = await undisturbed();
  const rows = new Map(await readAll<OwnedPots>(changelogTopicOf(group, 'accumulators'), schemas.ownedPots));
  const pots = [...rows].flatMap(([owner, row]) =>
    (row?.pots ?? []).map(({ planId, planYear, network, pot, amount }): [string, number] => [
      `${owner} ${planId} ${network} ${pot} ${planYear}`,
      amount,
    ]),
  );
  expect(Object.fromEntries(pots)).toEqual(expected.pots);
  const decisions = (await readAll<ClaimAdjudicated>(topics.claimAdjudicated.name, schemas.claimAdjudicated)).map(
    ([, value]) => value as ClaimAdjudicated,
  );
  expect(byId(decisions)).toEqual(byId(expected.decisions));
  const known = new Map(await readAll<KnownClaim>(changelogTopicOf(group, 'claims'), schemas.knownClaim));
  const statusOf = (claims: Iterable<[string, KnownClaim | null]>) =>
    Object.fromEntries([...claims].map(([key, claim]) => [key, claim?.status]));
  expect(statusOf(known)).toEqual(statusOf(expected.claims));
  expect(Object.keys(expected.pots).length).toBeGreaterThan(policies);
}, 300_000);
