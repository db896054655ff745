import { createByteReader, type ByteReader } from './byte-reader.ts';
import type { KafkajsBroker, RawRequest } from './kafkajs-internals.ts';

export interface RawCall<Answer> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly body: Buffer;
  readonly read: (reader: ByteReader) => Answer | Promise<Answer>;
  readonly requestTimeoutMs?: number;
}

const toRequest = <Answer>({ apiKey, apiVersion, apiName, body, read, requestTimeoutMs }: RawCall<Answer>): RawRequest<Answer> => ({
  request: { apiKey, apiVersion, apiName, encode: async () => ({ buf: body, buffer: body, size: () => body.length }) },
  response: {
    decode: async (payload) => ({ payload, clientSideThrottleTime: null }),
    parse: async (decoded) => read(createByteReader((decoded as { payload: Buffer }).payload)),
  },
  ...(requestTimeoutMs !== undefined && { requestTimeout: requestTimeoutMs }),
  logResponseError: false,
});

/** Sends a request of our own encoding over a broker's connection. */
export async function callBroker<Answer>(broker: KafkajsBroker, call: RawCall<Answer>): Promise<Answer> {
  try {
    return await broker.connectionPool.send(toRequest(call));
  } catch (error) {
    if ((error as { name?: unknown }).name === 'KafkaJSConnectionClosedError') await broker.disconnect();
    throw error;
  }
}
