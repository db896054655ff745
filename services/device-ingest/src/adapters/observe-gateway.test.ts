import { expect, test } from '@jest/globals';
import { bindEvents, createMetrics } from '@vigil/runtime';
import { events } from '../events.ts';
import { observeLag } from './observe-gateway.ts';

test('the log tells when the observer falls silent and is heard again, once each', () => {
  const lines: string[] = [];
  const emit = bindEvents(events, { metrics: createMetrics('device-ingest'), write: (_level, message) => void lines.push(message) });
  const observe = observeLag(emit, 100);

  for (const source of ['observer', 'gateway', 'gateway', 'observer', 'observer'] as const)
    observe({ lagSeconds: 0, ratePerSecond: null, source });

  expect(lines).toEqual(['nothing new from the lag observer: the gateway measures the lag itself', 'the gateway goes by the lag observer']);
});
