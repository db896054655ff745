/** The part of a span context that a link needs. */
export interface RemoteSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote: true;
}

const shape = /^[0-9a-f]{2}-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?:-.*)?$/;

/** Reads a `traceparent` header; undefined where it is none. @see https://www.w3.org/TR/trace-context/#traceparent-header */
export function parseTraceparent(header: string): RemoteSpanContext | undefined {
  const { traceId = '', spanId = '', flags = '' } = shape.exec(header)?.groups ?? {};
  if (header.startsWith('ff') || /^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
