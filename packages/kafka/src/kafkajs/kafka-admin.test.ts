import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { createFakeLink, protocolError } from '../../test-support/fake-link.ts';
import { createByteWriter } from './byte-writer.ts';
import type { KafkajsBroker } from './kafkajs-internals.ts';
import { createKafkaAdmin } from './kafka-admin.ts';

/** A Metadata answer, version 12, that knows these topics. */
function metadataOf(names: readonly string[], partitions = 0): Buffer {
  const writer = createByteWriter();
  writer.int8(0);
  writer.int32(0);
  writer.unsignedVarint(1);
  writer.compactString('cluster');
  writer.int32(1);
  writer.unsignedVarint(names.length + 1);
  for (const name of names) {
    writer.int16(0);
    writer.compactString(name);
    writer.int64(0);
    writer.int64(0);
    writer.int8(0);
    writer.unsignedVarint(partitions + 1);
    for (let partition = 0; partition < partitions; partition++) {
      writer.int16(0);
      for (const number of [partition, 1, 0]) writer.int32(number);
      for (let list = 0; list < 3; list++) writer.unsignedVarint(1);
      writer.int8(0);
    }
    writer.int32(0);
    writer.int8(0);
  }
  writer.int8(0);
  return Buffer.from(writer.view());
}

const topic = (name: string) => ({ name, partitions: 1, replicationFactor: 1, config: { 'retention.ms': '5' } });
/** Of what `knows` the last goes on. */
const adminThat = (createTopics: () => unknown, knows: readonly (readonly string[])[] = [['known'], ['known', 'a', 'b']]) => {
  let asked = 0;
  const answer = () => metadataOf(knows[Math.min(asked++, knows.length - 1)] as readonly string[]);
  return createKafkaAdmin(createFakeLink({ answer, broker: { createTopics } }).link);
};

test('a broker that tells no topic ids gives none', async () => {
  expect(await adminThat(() => undefined).describeTopics(['known'])).toEqual([{ name: 'known', topicId: null, partitions: 0 }]);
});

test('what somebody else created a moment ago is not ours', async () => {
  const admin = adminThat(() => {
    throw Object.assign(new Error('x'), { errors: [protocolError('TOPIC_ALREADY_EXISTS', { topic: 'b' })] });
  });

  expect(await admin.createTopics([topic('known'), topic('a'), topic('b')])).toEqual(['a']);
});

test('a topic is created when the brokers have heard of it, not when the controller has', async () => {
  const admin = adminThat(async () => undefined, [['known'], ['known'], ['known', 'a'], ['known', 'a', 'b', 'last']]);

  expect(await admin.createTopics([topic('a'), topic('b')])).toEqual(['a', 'b']);
  expect(await admin.listTopics()).toContain('last');
});

test('a topic is created when its partitions are there to be read, also where somebody else created it', async () => {
  let asked = 0;
  const listOffsets = () => {
    if (++asked < 3) throw protocolError('NOT_LEADER_FOR_PARTITION');
    return { responses: [] };
  };
  const admin = createKafkaAdmin(createFakeLink({ answer: () => metadataOf(['known'], 2), broker: { listOffsets } }).link);

  expect(await admin.createTopics([topic('known')])).toEqual([]);
  expect(asked).toBe(3);
});

test('any other failure of creation is told', async () => {
  const refused = adminThat(() => {
    throw Object.assign(new Error('x'), {
      errors: [protocolError('TOPIC_ALREADY_EXISTS', { topic: 'b' }), protocolError('INVALID_REPLICATION_FACTOR')],
    });
  });
  await expect(refused.createTopics([topic('a')])).rejects.toThrow();
  const failed = adminThat(() => {
    throw protocolError('NOT_CONTROLLER');
  });
  await expect(failed.createTopics([topic('a')])).rejects.toMatchObject({ type: 'NOT_CONTROLLER' });
});

interface ListOffsetsRequest {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number }[] }[];
}
/** Offsets of partition p of topic number n are n × 10 + p. */
const offsetsOf = ({ topics }: ListOffsetsRequest) => ({
  responses: topics.map(({ topic: name, partitions }) => ({
    topic: name,
    partitions: partitions.map(({ partition }) => ({ partition, offset: String(Number(name.slice(1)) * 10 + partition) })),
  })),
});
const offsetsAdmin = (knows: readonly string[], listOffsets: (request: ListOffsetsRequest) => unknown) => {
  let described = 0;
  const answer = () => {
    described++;
    return metadataOf(knows, 2);
  };
  const { link, asked, looks } = createFakeLink({ answer, broker: { listOffsets } });
  return { admin: createKafkaAdmin(link), link, asked, looks, described: () => described };
};

test('ends of many topics that are asked for at the same moment are one request', async () => {
  const names = Array.from({ length: 50 }, (_, number) => `t${number}`);
  const { admin, asked, looks, described } = offsetsAdmin(names, offsetsOf);

  const ends = await Promise.all(names.map((name) => admin.stableOffsets(name)));

  expect(ends).toEqual(names.map((_, number) => [number * 10, number * 10 + 1]));
  expect(asked).toEqual(['listOffsets']);
  expect(looks).toEqual([names]);
  expect(described()).toBe(1);
});

test('a topic that is asked for twice at the same moment is in the request once', async () => {
  const wanted: number[][] = [];
  const { admin } = offsetsAdmin(['t1'], (request) => {
    wanted.push(request.topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)));
    return offsetsOf(request);
  });

  expect(await Promise.all([admin.stableOffsets('t1'), admin.stableOffsets('t1')])).toEqual([
    [10, 11],
    [10, 11],
  ]);
  expect(wanted).toEqual([[0, 1]]);
});

test('topics that cannot be read take nothing from the others, and leaders are looked for once for all of them', async () => {
  const { admin, asked } = offsetsAdmin(['t1', 't2', 't3', 't4'], (request) => {
    if (request.topics.some(({ topic: name }) => name === 't2' || name === 't4')) throw protocolError('LEADER_NOT_AVAILABLE');
    return offsetsOf(request);
  });

  expect(await Promise.allSettled(['t1', 't2', 't3', 't4'].map((name) => admin.startOffsets(name)))).toMatchObject([
    { value: [10, 11] },
    { reason: { type: 'LEADER_NOT_AVAILABLE' } },
    { value: [30, 31] },
    { reason: { type: 'LEADER_NOT_AVAILABLE' } },
  ]);
  expect(asked.filter((call) => call === 'refresh')).toHaveLength(1);
  await expect(admin.startOffsets('unknown')).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
});

test('nothing is asked where not every leader is known', async () => {
  const { link, asked } = offsetsAdmin(['t1'], () => {
    throw protocolError('NOT_LEADER_FOR_PARTITION');
  });
  const admin = createKafkaAdmin({
    ...link,
    leaderOf: (name, partition) => {
      if (partition === 1) throw new VigilError('TOPIC_MISSING', { detail: `${name}-${partition}` });
      return 1;
    },
  });

  await expect(admin.stableOffsets('t1')).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
  expect(asked).not.toContain('listOffsets');
});

test('a broker that does not answer holds up the topics that it leads, and no others', async () => {
  const { link } = offsetsAdmin(['t1', 't2', 't3'], offsetsOf);
  const frozen = { listOffsets: () => new Promise(() => undefined) } as unknown as KafkajsBroker;
  const admin = createKafkaAdmin({
    ...link,
    leaderOf: (name) => (name === 't2' ? 2 : 1),
    broker: async (nodeId) => (nodeId === 2 ? frozen : link.broker(nodeId)),
  });
  const held = admin.stableOffsets('t2').then(() => 'answered');

  expect(await Promise.all(['t1', 't3'].map((name) => admin.stableOffsets(name)))).toEqual([
    [10, 11],
    [30, 31],
  ]);
  expect(await Promise.race([held, Promise.resolve('held')])).toBe('held');
});

test('a broker that cannot be reached is asked once for all topics, and once more after a look for leaders', async () => {
  const { admin, asked } = offsetsAdmin(['t1', 't2', 't3'], () => {
    throw Object.assign(new Error('cut'), { name: 'KafkaJSConnectionError' });
  });

  await Promise.allSettled(['t1', 't2', 't3'].map((name) => admin.stableOffsets(name)));

  expect(asked.filter((call) => call === 'listOffsets')).toHaveLength(2);
});
