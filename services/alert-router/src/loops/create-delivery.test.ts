import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { steadyClock, systemClock, VigilError } from '@vigil/core';
import { quietEvents, until } from '../../fixtures/router-harness.ts';
import type { Verdict } from '../domain/classify-answer.ts';
import type { Trouble } from '../domain/operational-incident.ts';
import type { Claimed } from '../handlers/ports.ts';
import { createDelivery } from './create-delivery.ts';

const message: Claimed = {
  outboxId: 1,
  incidentId: 'k1.incident',
  page: 1,
  channel: 'pagerduty',
  address: 'nurses-key',
  dedupKey: 'k1.incident-1',
  action: 'trigger',
  text: { incidentId: 'k1.incident', severity: 'critical', summary: 'Critical patient alert' },
  attempts: 1,
};

/** Delivers one message again and again until trouble is reported; the first report meets a database that is away. */
async function troubleOf(verdict: Verdict): Promise<readonly Trouble[]> {
  const reported: Trouble[] = [];
  let refusals = 0;
  let claimable = true;
  // As a real provider does, it answers in a later turn of the event loop.
  const sender = (): Promise<Verdict> => setImmediate(verdict);
  const delivery = createDelivery({
    outbox: {
      claim: async (channel) => {
        if (channel !== 'pagerduty' || !claimable) return [];
        claimable = false;
        return [message];
      },
      finish: async () => {
        claimable = reported.length === 0;
        return { latencyMs: null, severity: 'critical', queued: false };
      },
    },
    book: {
      reportTrouble: async (trouble) => {
        if (++refusals === 1) throw new VigilError('DATABASE_AWAY');
        reported.push(trouble);
      },
    },
    senders: { pagerduty: sender, slack: sender, email: sender },
    events: quietEvents,
    clock: systemClock,
    steady: steadyClock,
    random: () => 0,
    atOnce: 1,
    pollMs: 5,
    breakerRestMs: 1,
    // The lease of what could not be written down ends.
    onTrouble: () => void (claimable = true),
    onFatal: (error) => expect(error).toBeUndefined(),
  });
  try {
    await until(() => reported.length > 0);
  } finally {
    await delivery.close();
  }
  return reported;
}

test('that a provider refuses a page for good is told, even if the database was away when it did', async () => {
  expect(await troubleOf({ outcome: 'permanent', isFailure: false, status: 403, retryAfterMs: null })).toEqual(['delivery-refused']);
});

test('that a provider cannot be reached is told, even if the database was away when the breaker opened', async () => {
  expect(await troubleOf({ outcome: 'retry', isFailure: true, status: 503, retryAfterMs: null })).toEqual(['provider-unreachable']);
});

test('a rest that a provider asked for ends in time, though somebody set the clock back meanwhile', async () => {
  const answers: Verdict[] = [
    { outcome: 'retry', isFailure: false, status: 429, retryAfterMs: 20 },
    { outcome: 'accepted', isFailure: false, status: 202, retryAfterMs: null },
  ];
  let wallMs = Date.now() + 3_600_000;
  let isDue = true;
  const attempts: { readonly outcome: string; readonly retryInMs: number }[] = [];
  const delivery = createDelivery({
    outbox: {
      claim: async (channel) => (channel === 'pagerduty' && isDue ? ((isDue = false), [message]) : []),
      finish: async (_claimed, { outcome, retryInMs }) => {
        attempts.push({ outcome, retryInMs });
        wallMs = Date.now();
        isDue = outcome !== 'accepted';
        return { latencyMs: null, severity: 'critical', queued: false };
      },
    },
    book: { reportTrouble: () => Promise.resolve() },
    senders: Object.fromEntries(['pagerduty', 'slack', 'email'].map((channel) => [channel, async () => answers.shift()])) as never,
    events: quietEvents,
    clock: { now: () => wallMs },
    steady: steadyClock,
    random: () => 0,
    atOnce: 1,
    pollMs: 5,
    breakerRestMs: 1,
    onTrouble: (error) => expect(error).toBeUndefined(),
    onFatal: (error) => expect(error).toBeUndefined(),
  });
  try {
    await until(() => attempts.at(-1)?.outcome === 'accepted');
  } finally {
    await delivery.close();
  }
  expect(attempts.every(({ retryInMs }) => retryInMs < 5_000)).toBe(true);
});
