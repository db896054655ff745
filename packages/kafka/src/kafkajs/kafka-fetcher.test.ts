import { expect, test } from '@jest/globals';
import { createFakeLink } from '../../test-support/fake-link.ts';
import type { FetchedRecord } from '../ports/kafka-client.ts';
import { createByteReader } from './byte-reader.ts';
import { createByteWriter } from './byte-writer.ts';
import type { KafkajsBroker, RawRequest } from './kafkajs-internals.ts';
import { createKafkaFetcher } from './kafka-fetcher.ts';

const place = { topic: 't', partition: 0 };

/** The position that a fetch request asks for. */
function positionIn(body: Buffer): number {
  const reader = createByteReader(body);
  for (let field = 0; field < 4; field++) reader.int32();
  reader.int8();
  for (let field = 0; field < 3; field++) reader.int32();
  reader.string();
  for (let field = 0; field < 3; field++) reader.int32();
  return reader.int64();
}

/** An answer with one byte a record; the decoder below makes offsets of them. */
function answerWith(records: number): Buffer {
  const writer = createByteWriter();
  writer.int32(0);
  writer.int16(0);
  writer.int32(0);
  writer.int32(1);
  writer.string(place.topic);
  writer.int32(1);
  writer.int32(place.partition);
  writer.int16(0);
  for (let field = 0; field < 3; field++) writer.int64(100);
  writer.int32(0);
  writer.int32(-1);
  writer.int32(records);
  return Buffer.concat([writer.view(), Buffer.alloc(records)]);
}

const decode = (recordSet: Buffer, from: number) =>
  Promise.resolve({
    records: Array.from(recordSet, (_, index) => ({ offset: from + index }) as FetchedRecord),
    nextOffset: from + recordSet.length,
    bytes: recordSet.length,
  });

/** Two brokers that answer when they are told to; one of them leads. */
function twoBrokers() {
  const asked: { readonly node: number; readonly position: number; readonly answer: (records: number) => void }[] = [];
  let leader = 1;
  const brokerOf = (node: number) =>
    ({
      connectionPool: {
        async send(request: RawRequest<unknown>) {
          const { buffer } = await request.request.encode();
          const records = await new Promise<number>((answer) => void asked.push({ node, position: positionIn(buffer), answer }));
          return request.response.parse(await request.response.decode(answerWith(records)));
        },
      },
    }) as unknown as KafkajsBroker;
  const { link } = createFakeLink();
  const brokers = new Map([1, 2].map((node) => [node, brokerOf(node)]));
  return {
    asked,
    moveTo: (node: number) => void (leader = node),
    link: {
      ...link,
      leaderOf: () => leader,
      leads: (node: number) => node === leader,
      broker: async (node: number) => brokers.get(node) as KafkajsBroker,
    },
  };
}

test('the late answer of a leader that was replaced is dropped: nothing comes twice, and the position does not go back', async () => {
  const { asked, moveTo, link } = twoBrokers();
  const limits = { requestTimeoutMs: 1_000, longPollMs: 10, maxBytes: 1_000, maxPartitionBytes: 1_000 };
  const fetcher = createKafkaFetcher({ link, decode, ...limits });
  const seen: number[] = [];
  const poll = async (): Promise<void> => {
    for (const { records } of await fetcher.poll(20)) seen.push(...[...records].map(({ offset }) => offset));
  };
  const untilAsked = async (count: number): Promise<void> => {
    while (asked.length < count) await poll();
  };

  fetcher.assign(place, 0);
  await untilAsked(1);
  moveTo(2);
  await untilAsked(2);
  expect(asked.map(({ node, position }) => [node, position])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  asked[1]?.answer(8);
  await untilAsked(3);
  asked[0]?.answer(5);
  await poll();
  asked[2]?.answer(2);
  await untilAsked(4);

  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(asked[3]).toMatchObject({ node: 2, position: 10 });
  await fetcher.close();
});
