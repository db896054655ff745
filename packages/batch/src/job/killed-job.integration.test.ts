import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createKafkaClient, readWhole, type KafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { createSeededRandom, namespaced } from '@vigil/testing';
import { deleteTopics } from '../../../kafka/test-support/delete-topics.ts';
import type { ChildOrder } from '../../test-support/job-child.ts';
import { liveUntilKilled, type Kill, type Life } from '../../test-support/live-until-killed.ts';
import { numbersTopic } from '../../test-support/numbered-job.ts';

const partitions = 4;
const prefix = `job-${randomUUID().slice(0, 8)}-`;
let brokers: readonly string[];
let plain: KafkaClient;
let client: KafkaClient;

beforeAll(async () => {
  brokers = (await startStack()).env.kafkaBrokers.split(',');
  plain = createKafkaClient({ brokers, clientId: 'killed-job', longPollMs: 50 });
  client = namespaced(plain, prefix);
  const names = [numbersTopic.name, topics.itemRejected.name, topics.jobCheckpointed.name];
  await client.admin.createTopics(names.map((name) => ({ name, partitions, replicationFactor: 1, config: {} })));
});
afterAll(async () => {
  await plain.close();
  await deleteTopics(brokers, prefix);
});

const live = (order: ChildOrder, killAt: Kill | null): Promise<Life> => liveUntilKilled('job-child.ts', order, killAt);

test('a job that is killed again and again in the middle of its work publishes every item once', async () => {
  const last = 3_000;
  const random = createSeededRandom(20_261_126);
  let reached = 0;
  let kills = 0;
  for (let epoch = 1; epoch <= 3; epoch++) {
    const life = await live(
      { brokers, prefix, last, epoch },
      { commits: 2 + Math.floor(random.next() * 3), ms: Math.floor(random.next() * 12) },
    );
    if (life.result === null) kills++;
    expect(life.positions[0]).toBeGreaterThanOrEqual(reached);
    reached = life.positions.at(-1) ?? reached;
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  const end = await live({ brokers, prefix, last, epoch: 4 }, null);

  const texts: string[] = [];
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic: numbersTopic.name, partition }));
  await readWhole({ client, places, pollMs: 100, onRecord: (_, { value }) => void texts.push(String(value)) });
  const wanted: string[] = [];
  for (let number = 1; number <= last; number++) {
    if (number % 7 === 0 || number % 5 === 0) continue;
    wanted.push(`${number}`);
    if (number % 2 === 0) wanted.push(`${number}b`);
  }
  expect(texts.sort()).toEqual(wanted.sort());
  // 428 of 3,000 are divisible by 7; 600 by 5, of them 85 by 7 too.
  // A life before may have been killed behind its last commit, or have ended: the last one then finds all done.
  expect(end.result).toMatchObject({ read: 3_000, written: wanted.length, rejected: 428, skipped: 600 - 85 });
}, 60_000);
