import type { FetchedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import { createByteWriter } from './byte-writer.ts';
import type { RecordSetDecoder } from './fetch-request.ts';
import { registerStockCodecs } from './codecs.ts';
import { stockFetchDecoder } from './kafkajs-internals.ts';

interface StockMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | Buffer[]>;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
    readonly maxTimestamp: string;
    readonly timestampType: number;
  };
}

interface StockAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly StockMessage[] }[] }[];
}

const logAppendTime = 1;
const abortMarker = 0;

/** The answer's frame around a record set, as kafkajs's decoder expects it. */
function frame(recordSet: Buffer): Buffer {
  const writer = createByteWriter(recordSet.length + 128);
  writer.int32(0);
  writer.int16(0);
  writer.int32(0);
  writer.int32(1);
  writer.string('t');
  writer.int32(1);
  writer.int32(0);
  writer.int16(0);
  for (let field = 0; field < 3; field++) writer.int64(0);
  writer.int32(0);
  writer.int32(-1);
  writer.int32(recordSet.length);
  writer.bytes(recordSet);
  return Buffer.from(writer.view());
}

const headersOf = (headers: StockMessage['headers']): RecordHeaders =>
  Object.entries(headers).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const));

const toRecord = ({ offset, timestamp, key, value, headers, batchContext }: StockMessage): FetchedRecord => ({
  offset: Number(offset),
  timestamp: Number(batchContext.timestampType === logAppendTime ? batchContext.maxTimestamp : timestamp),
  key,
  value,
  headers: () => headersOf(headers),
});

/** kafkajs's own decoder, kept beside ours under the same contract tests. It verifies no checksum. */
export const decodeWithStock: RecordSetDecoder = async (recordSet, from, aborted) => {
  registerStockCodecs();
  if (recordSet.length === 0) return { records: [], nextOffset: from, bytes: 0 };
  const answer = (await stockFetchDecoder()(frame(recordSet))) as StockAnswer;
  const messages = answer.responses[0]?.partitions[0]?.messages ?? [];
  const waiting = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const active = new Set<string>();
  const records: FetchedRecord[] = [];
  let nextOffset = from;
  for (const message of messages) {
    const { batchContext, isControlRecord, key } = message;
    const lastOffset = Number(batchContext.firstOffset) + batchContext.lastOffsetDelta;
    while (waiting[0] && waiting[0].firstOffset <= lastOffset) active.add(String(waiting.shift()?.producerId));
    nextOffset = Math.max(nextOffset, lastOffset + 1);
    if (isControlRecord) {
      if (key?.readInt16BE(2) === abortMarker) active.delete(batchContext.producerId);
    } else if (!(batchContext.inTransaction && active.has(batchContext.producerId)) && Number(message.offset) >= from) {
      records.push(toRecord(message));
    }
  }
  const bytes = records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  return { records, nextOffset, bytes };
};
