import type { AlertRaised } from '@vigil/contracts';
import { Draft, type Decision } from './decision.ts';
import type { Incident } from './incident.ts';
import { newIncident, type Arrival } from './open-incident.ts';
import type { Router } from './route.ts';

/** Tells everybody who was told that it is over, each after the page it belongs to. */
function resolve(draft: Draft): void {
  for (const page of draft.incident.pages) {
    for (const tried of page.tries) if (tried.state !== 'rejected') draft.send(page, tried, 'resolve');
  }
  draft.set({ state: 'resolved', leaseUntil: null, undelivered: false });
  draft.note('resolved');
}

/** The condition is over. What nobody was told about is recorded only. Null: it was over already. */
export function clearIncident(
  incident: Incident,
  clearedAt: number,
  { nowMs, router }: { nowMs: number; router: Router },
): Decision | null {
  if (incident.state === 'resolved' || (incident.state === 'recorded' && incident.clearedAt !== null)) return null;
  const draft = new Draft({ ...incident, clearedAt }, nowMs);
  if (incident.state === 'open' || incident.state === 'acknowledged') {
    resolve(draft);
  } else if (incident.state === 'held') {
    draft.set({ state: 'recorded', heldFor: null });
    draft.note('recorded');
  }
  return draft.decide(router(incident, nowMs).pace);
}

/** The end of an episode whose beginning we never saw (older than the topic keeps): recorded. */
export function recordEnd(alert: AlertRaised, arrival: Arrival): Decision {
  const draft = new Draft({ ...newIncident(alert, arrival), clearedAt: alert.clearedAt ?? alert.receivedAt }, arrival.nowMs);
  draft.note('recorded');
  return draft.decide(arrival.router(draft.incident, arrival.nowMs).pace);
}
