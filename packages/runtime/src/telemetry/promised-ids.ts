import type { RemoteSpanContext } from './parse-traceparent.ts';

const randomHex = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');

/** Ids of spans: random, except for the one that is begun `under` ids that were promised to others. */
export function createPromisedIds() {
  let promised: RemoteSpanContext | null = null;
  return {
    generateTraceId: (): string => promised?.traceId ?? randomHex(16),
    generateSpanId: (): string => promised?.spanId ?? randomHex(8),
    under<Result>(ids: RemoteSpanContext, begin: () => Result): Result {
      promised = ids;
      try {
        return begin();
      } finally {
        promised = null;
      }
    },
  };
}
