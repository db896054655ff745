import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { admit, closedBreaker, report, type Breaker } from './breaker.ts';
import { classifyHttp, classifySmtp, readRetryAfter, unanswered } from './classify-answer.ts';
import { ask, learn, openGate } from './gate.ts';
import { retryDelayMs } from './retry-delay.ts';
import { rankOf, severityOf } from './severity.ts';
import { silencedUntil } from './silence.ts';
import { isSignedBy } from './webhook-signature.ts';

const rest = { nowMs: 0, restMs: 10_000 };
const after = (outcomes: readonly boolean[]): Breaker => outcomes.reduce((breaker, failed) => report(breaker, failed, rest), closedBreaker);

test('five failures in a row open the breaker, four do not', () => {
  expect(after([true, true, true, true]).phase).toBe('closed');
  expect(after([true, true, true, true, true]).phase).toBe('open');
  expect(after([true, true, true, true, false, true]).phase).toBe('closed');
});

test('half of twenty open it, though never five in a row', () => {
  const alternating = Array.from({ length: 20 }, (_, n) => n % 2 === 1);

  expect(after(alternating.slice(0, 19)).phase).toBe('closed');
  expect(after(alternating).phase).toBe('open');
});

test('it never opens below five failures in a row and half of twenty', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (outcomes) => {
      let breaker = closedBreaker;
      for (const [at, failed] of outcomes.entries()) {
        breaker = report(breaker, failed, rest);
        if (breaker.phase === 'closed') continue;
        const seen = outcomes.slice(0, at + 1);
        const inARow = seen.slice(-5);
        const recent = seen.slice(-20);
        const isRow = inARow.length === 5 && inARow.every(Boolean);
        const isHalf = recent.length === 20 && recent.filter(Boolean).length >= 10;
        expect(isRow || isHalf).toBe(true);
        return;
      }
    }),
  );
});

test('an open breaker rests, lets one probe through, and closes when it succeeds', () => {
  const open = after(Array.from({ length: 5 }, () => true));
  expect(admit(open, 9_999)).toMatchObject({ admitted: false, until: 10_000 });
  const probe = admit(open, 10_000);
  expect(probe.admitted).toBe(true);
  expect(admit(probe.breaker, 10_001)).toMatchObject({ admitted: false, until: 10_501 });
  expect(report(probe.breaker, false, rest)).toEqual(closedBreaker);
  expect(report(probe.breaker, true, { nowMs: 10_500, restMs: 10_000 })).toMatchObject({ phase: 'open', restUntil: 20_500 });
});

test('a probe that nothing is heard of is followed by another', () => {
  const probe = admit(after(Array.from({ length: 5 }, () => true)), 10_000).breaker;

  expect(admit(probe, 19_800)).toMatchObject({ admitted: false, until: 20_000 });
  expect(admit(probe, 20_000).admitted).toBe(true);
});

const http = (status: number, isTaken = true) => classifyHttp(status, isTaken, 2000);

test('HTTP: 2xx is taken, 429 and 5xx come later, other 4xx never', () => {
  expect(http(202)).toEqual({ outcome: 'accepted', isFailure: false, status: 202, retryAfterMs: null });
  expect(http(200, false)).toEqual({ ...unanswered, status: 200 });
  expect(http(429)).toEqual({ outcome: 'retry', isFailure: false, status: 429, retryAfterMs: 2000 });
  expect(http(503)).toEqual({ outcome: 'retry', isFailure: true, status: 503, retryAfterMs: 2000 });
  for (const status of [301, 400, 403, 404, 413]) expect(http(status)).toMatchObject({ outcome: 'permanent', isFailure: false });
});

test('SMTP: 4xx comes later, 5xx never, silence later', () => {
  expect(classifySmtp(451)).toMatchObject({ outcome: 'retry', isFailure: true });
  expect(classifySmtp(550)).toMatchObject({ outcome: 'permanent', isFailure: false });
  expect(classifySmtp(null)).toEqual(unanswered);
  expect(classifySmtp(250)).toEqual(unanswered);
});

test('Retry-After is read in seconds and as a date, and bounded', () => {
  const nowMs = Date.parse('2024-03-15T14:30:00Z');
  expect(readRetryAfter('3', nowMs)).toBe(3000);
  expect(readRetryAfter('Fri, 15 Mar 2024 14:30:07 GMT', nowMs)).toBe(7000);
  expect(readRetryAfter('86400', nowMs)).toBe(600_000);
  for (const nothing of [null, ' ', 'soon', '-1', '0']) expect(readRetryAfter(nothing, nowMs)).toBeNull();
});

test('retries wait by full jitter up to ten seconds, never sooner than asked for', () => {
  expect([0, 1, 2, 5, 6, 400].map((attempt) => retryDelayMs(attempt, 1, null))).toEqual([250, 500, 1000, 8000, 10_000, 10_000]);
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.nat(600_000)), (attempt, random, retryAfterMs) => {
      const delayMs = retryDelayMs(attempt, random, retryAfterMs);
      expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
      expect(delayMs).toBeLessThanOrEqual((retryAfterMs ?? 0) + 10_000);
    }),
  );
});

const later = classifyHttp(429, true, 60_000);
const down = unanswered;

test('a provider that asks to wait is not asked again before, and its breaker knows nothing of it', () => {
  const gate = learn(openGate, later, rest);

  expect(ask(gate, 59_999)).toMatchObject({ passes: false, until: 60_000 });
  expect(ask(gate, 60_000).passes).toBe(true);
  expect(gate.breaker).toEqual(closedBreaker);
  expect(learn(gate, classifyHttp(429, true, 1000), rest).waitUntil).toBe(60_000);
});

test('refusals leave a closed breaker alone and close one that probes', () => {
  const refused = classifyHttp(400, true, null);
  let gate = openGate;
  for (let n = 0; n < 10; n++) gate = learn(gate, refused, rest);
  expect(gate).toEqual(openGate);
  for (let n = 0; n < 5; n++) gate = learn(gate, down, rest);
  expect(ask(gate, 1).passes).toBe(false);
  const probing = ask(gate, 10_000).gate;
  expect(learn(probing, refused, rest).breaker.phase).toBe('closed');
  expect(learn(openGate, classifyHttp(202, true, null), rest).breaker.recent).toEqual([false]);
});

test('an unknown grade is the most urgent one', () => {
  expect(['critical', 'warning', 'info', ''].map((word) => rankOf(severityOf(word)))).toEqual([0, 1, 2, 0]);
});

test('of several silences over a ward the last to end counts; over another ward none', () => {
  const silences = [5, 9, 7].map((endsAt) => ({ hospital: 'H', ward: 'ICU', endsAt }));

  expect(silencedUntil(silences, { hospital: 'H', ward: 'ICU' })).toBe(9);
  expect(silencedUntil(silences, { hospital: 'H', ward: 'ER' })).toBeNull();
});

test('a webhook is signed by any of our secrets, over its exact bytes', () => {
  const body = Buffer.from('{"a":1}');
  const sign = (secret: string) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

  expect(isSignedBy(['new', 'old'], sign('old'), body)).toBe(true);
  expect(isSignedBy(['new'], `${sign('other')}, ${sign('new')}`, body)).toBe(true);
  expect(isSignedBy(['new'], sign('old'), body)).toBe(false);
  expect(isSignedBy(['new'], sign('new'), Buffer.from('{"a": 1}'))).toBe(false);
  expect(isSignedBy(['new'], undefined, body)).toBe(false);
  expect(isSignedBy([], sign('new'), body)).toBe(false);
});
