import { expect, test } from '@jest/globals';
import { bindEvents, createMetrics } from '@vigil/runtime';
import { events } from '../events.ts';
import { observeClaimLag, observeLag } from './observe-gateway.ts';

test('the log tells when the observer falls silent and is heard again, once each', () => {
  const lines: string[] = [];
  const emit = bindEvents(events, { metrics: createMetrics('device-ingest'), write: (_level, message) => void lines.push(message) });
  const observe = observeLag(emit, 100);

  for (const source of ['observer', 'gateway', 'gateway', 'observer', 'observer'] as const)
    observe({ lagSeconds: 0, ratePerSecond: null, source });

  expect(lines).toEqual(['nothing new from the lag observer: the gateway measures the lag itself', 'the gateway goes by the lag observer']);
});

test('the log tells when claims are held back and when they are let in again, once each; metrics tell the rate', async () => {
  const lines: string[] = [];
  const metrics = createMetrics('device-ingest');
  const emit = bindEvents(events, { metrics, write: (_level, message) => void lines.push(message) });
  const observe = observeClaimLag(emit, 100);

  for (const ratePerSecond of [null, 7, 8, null, null]) observe({ lagSeconds: 2, ratePerSecond, source: 'observer' });

  expect(lines).toEqual([
    'claims are behind: the gateway answers 429 to claims beyond the admitted rate',
    'the gateway admits all claims again',
  ]);
  const exposed = await metrics.expose();
  expect(exposed).toContain('vigil_gateway_claim_lag_seconds{service="device-ingest"} 2');
  expect(exposed).toContain('vigil_gateway_admitted_claims_per_second{service="device-ingest"} 100');
});
