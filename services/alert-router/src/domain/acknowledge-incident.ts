import { Draft, type Decision } from './decision.ts';
import { tryOf, type Incident } from './incident.ts';
import type { Router } from './route.ts';

/**
 * Somebody has taken the incident, or closed it at the provider while the condition persists, which is no more than
 * that: only the end of the condition resolves. What the provider reports of our own doing is no answer: a page that
 * was superseded, and an acknowledgement that we passed on ourselves.
 *
 * @param answered  number of the page that was answered; the other pages stop calling people
 * @returns null where there is nothing to acknowledge
 */
export function acknowledgeIncident(
  incident: Incident,
  answered: number,
  { nowMs, router }: { nowMs: number; router: Router },
): Decision | null {
  if (incident.state !== 'open' || !incident.pages.some(({ number }) => number === answered)) return null;
  const draft = new Draft(incident, nowMs);
  const { pace } = router(incident, nowMs);
  draft.set({ state: 'acknowledged', leaseUntil: nowMs + pace.leaseMs, undelivered: false });
  draft.note('acknowledged', 'pagerduty');
  for (const page of incident.pages.filter(({ number }) => number !== answered)) {
    const paged = tryOf(page, 'pagerduty');
    if (paged && paged.state !== 'rejected') draft.send(page, paged, 'acknowledge');
  }
  return draft.decide(pace);
}
