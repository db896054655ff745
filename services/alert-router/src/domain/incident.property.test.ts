import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { anAlert, arrival, router, startMs } from '../../fixtures/builders.ts';
import { acknowledgeIncident } from './acknowledge-incident.ts';
import { advanceIncident } from './advance-incident.ts';
import { clearIncident } from './close-incident.ts';
import type { Decision, Message } from './decision.ts';
import { isActive } from './incident.ts';
import { raiseAlert } from './open-incident.ts';
import { recordDelivery, type Delivery } from './record-delivery.ts';

type Happening =
  | { readonly kind: 'time'; readonly passMs: number }
  | { readonly kind: 'delivery'; readonly pick: number; readonly outcome: Delivery['outcome'] }
  | { readonly kind: 'answer'; readonly page: number }
  | { readonly kind: 'clear' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('time' as const), passMs: fc.integer({ min: 0, max: 700_000 }) }),
  fc.record({
    kind: fc.constant('delivery' as const),
    pick: fc.nat(20),
    outcome: fc.constantFrom<Delivery['outcome'][]>('accepted', 'retry', 'permanent', 'blocked'),
  }),
  fc.record({ kind: fc.constant('answer' as const), page: fc.integer({ min: 1, max: 6 }) }),
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

const beginning = fc.record({
  severity: fc.constantFrom('critical', 'warning'),
  lateMs: fc.constantFrom(0, 40_000),
  silencedUntil: fc.constantFrom(null, startMs + 60_000),
});

function live(
  { severity, lateMs, silencedUntil }: { severity: string; lateMs: number; silencedUntil: number | null },
  happenings: readonly Happening[],
) {
  let nowMs = startMs;
  let incident = raiseAlert(anAlert({ severity, receivedAt: startMs - lateMs }), arrival({ silencedUntil }));
  const decisions: Decision[] = [incident];
  const messages: Message[] = [...incident.messages];
  for (const one of happenings) {
    const context = { nowMs, router, silencedUntil: null };
    let next: Decision | null = null;
    if (one.kind === 'time') {
      nowMs += one.passMs;
      next = advanceIncident(incident.incident, { ...context, nowMs });
    } else if (one.kind === 'delivery') {
      const message = messages[one.pick % Math.max(1, messages.length)];
      next = message ? recordDelivery(incident.incident, { ...message, outcome: one.outcome }, context) : null;
    } else if (one.kind === 'answer') {
      next = acknowledgeIncident(incident.incident, one.page, context);
    } else {
      next = clearIncident(incident.incident, nowMs, context);
    }
    if (!next) continue;
    incident = next;
    decisions.push(next);
    messages.push(...next.messages);
  }
  return { decisions, messages, nowMs, last: incident.incident };
}

test('an incident that is not over always has a next step, and time moves it past that step', () => {
  fc.assert(
    fc.property(beginning, fc.array(happening, { maxLength: 30 }), (begin, happenings) => {
      const { decisions, last, nowMs } = live(begin, happenings);
      for (const { incident } of decisions) expect(incident.nextStepAt !== null).toBe(isActive(incident));
      if (last.nextStepAt === null) return;
      const due = Math.max(nowMs, last.nextStepAt);
      const after = advanceIncident(last, { nowMs: due, router, silencedUntil: null }).incident;
      expect(after.nextStepAt).toBeGreaterThan(due);
    }),
    { numRuns: 500 },
  );
});

test('every dedup key of a channel is triggered once, first, and ended once at most', () => {
  fc.assert(
    fc.property(beginning, fc.array(happening, { maxLength: 30 }), (begin, happenings) => {
      const { messages } = live(begin, happenings);
      const threads = new Map<string, Message[]>();
      for (const message of messages) {
        const thread = `${message.channel} ${message.dedupKey}`;
        threads.set(thread, [...(threads.get(thread) ?? []), message]);
      }
      for (const thread of threads.values()) {
        expect(thread.map(({ action }) => action).filter((action) => action === 'trigger')).toHaveLength(1);
        expect(thread[0]?.action).toBe('trigger');
        expect(thread.filter(({ action }) => action === 'resolve').length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 500 },
  );
});

test('numbers of the timeline and the outbox only grow', () => {
  fc.assert(
    fc.property(beginning, fc.array(happening, { maxLength: 30 }), (begin, happenings) => {
      const { decisions } = live(begin, happenings);
      const seqs = decisions.flatMap(({ timeline, messages }) => [...timeline, ...messages].map(({ seq }) => seq).sort((a, b) => a - b));
      expect(new Set(seqs).size).toBe(seqs.length);
      expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
    }),
  );
});

test('after the end nobody is paged any more', () => {
  fc.assert(
    fc.property(beginning, fc.array(happening, { maxLength: 15 }), fc.array(happening, { maxLength: 15 }), (begin, before, after) => {
      const { decisions } = live(begin, [...before, { kind: 'clear' }, ...after]);
      const end = decisions.findIndex(({ incident }) => incident.clearedAt !== null);
      const triggers = decisions.slice(end).flatMap(({ messages }) => messages.filter(({ action }) => action === 'trigger'));
      expect(triggers).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('no message holds anything of the patient', () => {
  const seeded = ['patient-token', 'alert-1', 'General Hospital', 'ICU', '101A', 'asystole', 'heart_rate', '2024'];
  fc.assert(
    fc.property(beginning, fc.array(happening, { maxLength: 30 }), (begin, happenings) => {
      const text = JSON.stringify(live(begin, happenings).messages.map(({ dedupKey, text }) => [dedupKey, text.incidentId, text.summary]));
      for (const word of seeded) expect(text).not.toContain(word);
    }),
  );
});
