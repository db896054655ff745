import { expect, test } from '@jest/globals';
import { anAlert, anIncident, arrival, pace, routedBy, router, startMs, tell, wardRoute } from '../../fixtures/builders.ts';
import { acknowledgeIncident } from './acknowledge-incident.ts';
import { advanceIncident } from './advance-incident.ts';
import { clearIncident, recordEnd } from './close-incident.ts';
import type { Decision } from './decision.ts';
import { isActive, readDedupKey, type Incident } from './incident.ts';
import { openOperational } from './operational-incident.ts';
import { raiseAlert } from './open-incident.ts';
import { recordDelivery, type Delivery } from './record-delivery.ts';

const at = (ms: number) => ({ nowMs: startMs + ms, router, silencedUntil: null });
const advance = (incident: Incident, ms: number): Decision => advanceIncident(incident, at(ms));
const deliver = (incident: Incident, delivery: Partial<Delivery> & Pick<Delivery, 'outcome'>, ms = 100): Decision | null =>
  recordDelivery(incident, { page: 1, channel: 'pagerduty', action: 'trigger', ...delivery }, at(ms));
const accepted = (incident: Incident, delivery: Partial<Delivery> = {}, ms?: number): Incident =>
  deliver(incident, { outcome: 'accepted', ...delivery }, ms)?.incident ?? incident;

test('a critical alert pages the first team at once by PagerDuty', () => {
  const decision = raiseAlert(anAlert(), arrival());

  expect(tell(decision)).toEqual(['opened', 'trigger pagerduty nurses-key 1']);
  expect(decision.messages[0]).toMatchObject({ dedupKey: 'k1.incident-1', text: { summary: 'Critical patient alert (step 1 of 3)' } });
  expect(decision.incident).toMatchObject({ state: 'open', nextStepAt: startMs + pace.fallbackAfterMs });
});

test('a historic alert is recorded and tells nobody', () => {
  const decision = raiseAlert(anAlert({ historic: true }), arrival());

  expect(tell(decision)).toEqual(['recorded']);
  expect(decision.incident).toMatchObject({ state: 'recorded', nextStepAt: null });
});

test('an alert that the policy sends to nobody is recorded', () => {
  expect(tell(raiseAlert(anAlert({ severity: 'info' }), arrival({ router: routedBy({ steps: [] }) })))).toEqual(['recorded']);
});

test('an unknown severity is treated as critical', () => {
  expect(anIncident({ severity: 'catastrophic' }).severity).toBe('critical');
});

test('a late alert is held, then paged with its age', () => {
  const receivedAt = startMs - 14 * 60_000;
  const held = raiseAlert(anAlert({ receivedAt }), arrival());
  expect(tell(held)).toEqual(['held']);
  expect(held.incident).toMatchObject({ heldFor: 'catch-up', nextStepAt: startMs + 2000 });

  const opened = advance(held.incident, 2000);
  expect(tell(opened)).toEqual(['opened', 'trigger pagerduty nurses-key 1']);
  expect(opened.messages[0]?.text.summary).toBe('Critical patient alert (step 1 of 3, raised 14 min ago)');
});

test('an age of hours is told in hours', () => {
  const opened = advance(anIncident({ receivedAt: startMs - 5 * 3_600_000 }), 2000);

  expect(opened.messages[0]?.text.summary).toContain('raised 5 h ago');
});

test('a late alert that was over before we knew it is recorded only', () => {
  const held = anIncident({ receivedAt: startMs - 60_000 });
  const cleared = clearIncident(held, startMs - 1, at(1000));

  expect(tell(cleared)).toEqual(['recorded']);
  expect(cleared?.incident).toMatchObject({ state: 'recorded', clearedAt: startMs - 1, nextStepAt: null, heldFor: null });
});

test('quiet hours hold a warning until they end, a silence holds anything', () => {
  const quiet = routedBy({ quietUntil: startMs + 3_600_000 });
  const held = anIncident({ severity: 'warning' }, { router: quiet });
  expect(held).toMatchObject({ heldFor: 'quiet-hours', nextStepAt: startMs + 3_600_000 });
  expect(tell(advance(held, 3_600_000))).toContain('opened');

  const silenced = anIncident({}, { silencedUntil: startMs + 60_000 });
  expect(silenced).toMatchObject({ heldFor: 'silence', nextStepAt: startMs + 60_000 });
  expect(tell(advanceIncident(silenced, { ...at(60_000), silencedUntil: startMs + 90_000 }))).toEqual(['held']);
});

test('quiet hours and silences that are over hold nothing', () => {
  expect(anIncident({}, { silencedUntil: startMs, router: routedBy({ quietUntil: startMs }) }).state).toBe('open');
});

test('an accepted page waits for a person, not for another channel', () => {
  const decision = deliver(anIncident(), { outcome: 'accepted' });

  expect(tell(decision)).toEqual(['accepted pagerduty']);
  expect(decision?.incident.nextStepAt).toBe(startMs + pace.acknowledgeWithinMs);
  expect(tell(deliver(decision!.incident, { outcome: 'accepted' }))).toEqual(['nothing']);
});

test.each(['retry', 'blocked'] as const)('%s starts the next channel at once, and only once', (outcome) => {
  const failing = deliver(anIncident(), { outcome });

  expect(tell(failing)).toEqual(['trigger slack nurses-chat 1']);
  expect(tell(deliver(failing!.incident, { outcome }))).toEqual(['nothing']);
});

test('a refusal for good is quarantined and starts the next channel', () => {
  expect(tell(deliver(anIncident(), { outcome: 'permanent' }))).toEqual(['quarantined pagerduty', 'trigger slack nurses-chat 1']);
});

test('ten seconds without an answer start the next channel', () => {
  const first = advance(anIncident(), 9_999);
  expect(tell(first)).toEqual([]);
  const second = advance(first.incident, 10_000);
  expect(tell(second)).toEqual(['trigger slack nurses-chat 1']);
  const third = advance(second.incident, 20_000);
  expect(tell(third)).toEqual(['trigger email nurses@hospital.example 1']);
  const last = advance(third.incident, 30_000);
  expect(tell(last)).toEqual(['undelivered console']);
  expect(last.incident).toMatchObject({ undelivered: true, nextStepAt: startMs + 60_000 });
});

test('the chain ends at the console, and a late acceptance takes it from there', () => {
  let incident = deliver(anIncident(), { outcome: 'retry' })!.incident;
  incident = deliver(incident, { channel: 'slack', outcome: 'permanent' })!.incident;
  const last = deliver(incident, { channel: 'email', outcome: 'retry' })!;

  expect(tell(last)).toEqual(['undelivered console']);
  const saved = deliver(last.incident, { outcome: 'accepted' })!;
  expect(tell(saved)).toEqual(['accepted pagerduty']);
  expect(saved.incident.undelivered).toBe(false);
});

test('a channel that fails while another has accepted starts nothing', () => {
  const failing = deliver(anIncident(), { outcome: 'retry' })!.incident;
  const taken = accepted(failing, { channel: 'slack' });

  expect(taken.nextStepAt).toBe(startMs + pace.acknowledgeWithinMs);
  expect(tell(deliver(taken, { outcome: 'permanent' }))).toEqual(['quarantined pagerduty']);
});

test('an earlier page that gets through nowhere does not hide that the present one was taken', () => {
  const failing = deliver(deliver(anIncident(), { outcome: 'retry' })!.incident, { channel: 'slack', outcome: 'retry' })!.incident;
  const taken = accepted(advance(failing, 60_000).incident, { page: 2 }, 60_100);

  const decision = deliver(taken, { channel: 'email', outcome: 'retry' });

  expect(tell(decision)).not.toContain('undelivered console');
  expect(decision?.incident.undelivered).toBe(false);
});

test('nobody acknowledges: charge nurse, rapid response, then rapid response again', () => {
  const second = advance(accepted(anIncident()), 60_000);
  expect(tell(second)).toEqual(['escalated', 'trigger pagerduty charge-key 2']);
  expect(second.messages[0]?.text.summary).toBe('Critical patient alert (step 2 of 3, page 2, raised 1 min ago)');
  const third = advance(accepted(second.incident, { page: 2 }, 60_100), 120_000);
  expect(tell(third)).toEqual(['escalated', 'trigger pagerduty rapid-key 3']);
  expect(third.incident.nextStepAt).toBe(startMs + 120_000 + pace.fallbackAfterMs);
  const again = advance(accepted(third.incident, { page: 3 }, 120_100), 420_000);
  expect(tell(again)).toEqual(['escalated', 'resolve pagerduty rapid-key 3', 'trigger pagerduty rapid-key 4']);
  expect(again.incident.pages.map(({ number }) => number)).toEqual([1, 2, 4]);
});

test('an unaccepted page does not keep the next step waiting', () => {
  let incident = anIncident();
  for (const ms of [10_000, 20_000, 30_000]) incident = advance(incident, ms).incident;

  expect(tell(advance(incident, 60_000))).toEqual(['escalated', 'trigger pagerduty charge-key 2']);
});

test('an acknowledgement stops the other pages from calling people', () => {
  const escalated = advance(accepted(anIncident()), 60_000).incident;
  const decision = acknowledgeIncident(escalated, 2, at(61_000));

  expect(tell(decision)).toEqual(['acknowledged pagerduty', 'acknowledge pagerduty nurses-key 1']);
  expect(decision?.incident).toMatchObject({
    state: 'acknowledged',
    leaseUntil: startMs + 61_000 + pace.leaseMs,
    nextStepAt: startMs + 661_000,
  });
});

test('a page that PagerDuty refused needs no acknowledgement', () => {
  const refused = deliver(anIncident(), { outcome: 'permanent' })!.incident;
  const escalated = advance(accepted(refused, { channel: 'slack' }), 60_000).incident;

  expect(tell(acknowledgeIncident(escalated, 2, at(61_000)))).toEqual(['acknowledged pagerduty']);
});

test('what the provider reports of our own doing is no answer', () => {
  const escalated = advance(accepted(anIncident()), 60_000).incident;
  const acknowledged = acknowledgeIncident(escalated, 1, at(61_000))!.incident;

  expect(acknowledgeIncident(acknowledged, 2, at(62_000))).toBeNull();
  expect(acknowledgeIncident(escalated, 7, at(62_000))).toBeNull();
  expect(acknowledgeIncident(anIncident({ historic: true }), 1, at(0))).toBeNull();
});

test('an acknowledgement is a lease: while the condition persists it is paged anew', () => {
  const acknowledged = acknowledgeIncident(accepted(anIncident()), 1, at(1000))!.incident;
  expect(tell(advance(acknowledged, 600_000))).toEqual([]);
  const rearmed = advance(acknowledged, 601_000);

  expect(tell(rearmed)).toEqual(['rearmed', 'resolve pagerduty nurses-key 1', 'trigger pagerduty nurses-key 2']);
  expect(rearmed.incident).toMatchObject({ state: 'open', leaseUntil: null, step: 0 });
  expect(acknowledgeIncident(rearmed.incident, 1, at(602_000))).toBeNull();
});

test('a new round ends every earlier page: a late answer to one of them is none to the new one', () => {
  const escalated = advance(accepted(anIncident()), 60_000).incident;
  const acknowledged = acknowledgeIncident(escalated, 2, at(61_000))!.incident;
  const rearmed = advance(acknowledged, 661_000);

  expect(tell(rearmed)).toEqual([
    'rearmed',
    'resolve pagerduty nurses-key 1',
    'resolve pagerduty charge-key 2',
    'trigger pagerduty nurses-key 3',
  ]);
  for (const page of [1, 2]) expect(acknowledgeIncident(rearmed.incident, page, at(662_000))).toBeNull();
});

test('the end of the condition tells everybody who was told, once', () => {
  const failing = deliver(anIncident(), { outcome: 'retry' })!.incident;
  const cleared = clearIncident(accepted(failing, { channel: 'slack' }), startMs + 5000, at(6000));

  expect(tell(cleared)).toEqual(['resolved', 'resolve pagerduty nurses-key 1', 'resolve slack nurses-chat 1']);
  expect(cleared?.messages[0]?.text.summary).toBe('Over: Critical patient alert');
  expect(cleared?.incident).toMatchObject({ state: 'resolved', nextStepAt: null, clearedAt: startMs + 5000 });
  expect(clearIncident(cleared!.incident, startMs + 5000, at(7000))).toBeNull();
});

test('a channel that refused the page for good is not told the end', () => {
  const refused = deliver(anIncident(), { outcome: 'permanent' })!.incident;

  expect(tell(clearIncident(refused, startMs, at(6000)))).toEqual(['resolved', 'resolve slack nurses-chat 1']);
});

test('an acknowledged incident ends, too; a historic one keeps its end', () => {
  const acknowledged = acknowledgeIncident(accepted(anIncident()), 1, at(1000))!.incident;
  expect(clearIncident(acknowledged, startMs, at(2000))?.incident.state).toBe('resolved');

  const historic = anIncident({ historic: true });
  const ended = clearIncident(historic, startMs, at(2000))!;
  expect(tell(ended)).toEqual([]);
  expect(ended.incident).toMatchObject({ state: 'recorded', clearedAt: startMs });
  expect(clearIncident(ended.incident, startMs, at(3000))).toBeNull();
});

test('an end without a beginning is recorded', () => {
  const end = anAlert({ change: 'cleared', clearedAt: startMs });

  expect(recordEnd(end, arrival()).incident).toMatchObject({ state: 'recorded', clearedAt: startMs });
  expect(recordEnd({ ...end, clearedAt: null }, arrival()).incident.clearedAt).toBe(end.receivedAt);
});

test('a refused resolve is quarantined, a refused page of the past changes nothing else', () => {
  expect(tell(deliver(anIncident(), { action: 'resolve', outcome: 'permanent' }))).toEqual(['quarantined pagerduty']);
  expect(tell(deliver(anIncident(), { action: 'resolve', outcome: 'retry' }))).toEqual(['nothing']);
  expect(tell(deliver(anIncident(), { page: 9, outcome: 'accepted' }))).toEqual(['nothing']);
  expect(tell(deliver(anIncident(), { channel: 'email', outcome: 'accepted' }))).toEqual(['nothing']);
});

test('a delivery of an older page leaves the newer one undelivered', () => {
  let incident = advance(anIncident(), 60_000).incident;
  for (const channel of ['pagerduty', 'slack', 'email'] as const)
    incident = deliver(incident, { page: 2, channel, outcome: 'retry' }, 61_000)!.incident;
  expect(incident.undelivered).toBe(true);

  expect(accepted(incident, { page: 1 }).undelivered).toBe(true);
  expect(accepted(incident, { page: 2 }).undelivered).toBe(false);
});

test('fallback ends when somebody has taken the incident', () => {
  const acknowledged = acknowledgeIncident(anIncident(), 1, at(1000))!.incident;

  expect(tell(deliver(acknowledged, { outcome: 'retry' }))).toEqual([]);
});

test('a policy that no longer tells anybody keeps the incident and looks again', () => {
  const nobody = { ...at(60_000), router: routedBy({ steps: [] }) };
  const kept = advanceIncident(accepted(anIncident()), nobody);

  expect(tell(kept)).toEqual([]);
  expect(kept.incident).toMatchObject({ state: 'open', nextStepAt: startMs + 60_000 + pace.repeatEveryMs });
});

test('a policy with fewer steps than before repeats its last one', () => {
  const third = advance(advance(anIncident(), 60_000).incident, 120_000).incident;
  const shorter = { ...at(420_000), router: routedBy({ steps: wardRoute.steps.slice(0, 1) }) };

  expect(tell(advanceIncident(third, shorter))).toContain('trigger pagerduty nurses-key 4');
});

test('an incident that is over or recorded does not move, whatever its clock says', () => {
  const odd = { ...anIncident({ historic: true }), nextStepAt: startMs };

  expect(tell(advance(odd, 10))).toEqual([]);
  expect(advance(odd, 10).incident.nextStepAt).toBeNull();
});

test('an open incident without a page is paged', () => {
  const bare: Incident = { ...anIncident(), pages: [], nextStepAt: startMs };

  expect(tell(advance(bare, 1))).toEqual(['trigger pagerduty nurses-key 2']);
});

test('trouble with delivery is told to engineering without a word of a patient', () => {
  const about = { channel: 'slack', address: 'nurses-chat' } as const;
  const decision = openOperational('provider-unreachable', about, { incidentId: 'k1.trouble', nowMs: startMs, router });

  expect(tell(decision)).toEqual(['opened', 'trigger pagerduty nurses-key 1']);
  expect(decision.messages[0]?.text.summary).toBe('Alert delivery trouble at slack (step 1 of 3)');
});

test('technical alerts say so', () => {
  const decision = raiseAlert(anAlert({ kind: 'technical', severity: 'warning' }), arrival());

  expect(decision.messages[0]?.text.summary).toBe('Warning technical alert at a monitor (step 1 of 3)');
});

test('a dedup key tells its incident and page, and another provider’s key is none of ours', () => {
  expect(readDedupKey('k1.a-b_c-12')).toEqual({ incidentId: 'k1.a-b_c', page: 12 });
  for (const key of ['', '-1', 'abc', 'abc-0', 'abc-x', 'abc-1.5']) expect(readDedupKey(key)).toBeNull();
});

test('held, open and acknowledged incidents are active', () => {
  expect((['recorded', 'held', 'open', 'acknowledged', 'resolved'] as const).map((state) => isActive({ state }))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});
