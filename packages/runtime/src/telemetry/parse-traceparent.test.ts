import { expect, test } from '@jest/globals';
import { parseTraceparent } from './parse-traceparent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

test('a traceparent is read', () => {
  expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, traceFlags: 1, isRemote: true });
});

test('later versions may carry more', () => {
  expect(parseTraceparent(`01-${traceId}-${spanId}-00-extra`)).toMatchObject({ traceFlags: 0 });
});

test.each([
  ['nothing', ''],
  ['text', 'Jane Doe'],
  ['a zero trace id', `00-${'0'.repeat(32)}-${spanId}-01`],
  ['a zero span id', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['the forbidden version', `ff-${traceId}-${spanId}-01`],
  ['capital letters', `00-${traceId.toUpperCase()}-${spanId}-01`],
])('%s is no traceparent', (_name, header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});
