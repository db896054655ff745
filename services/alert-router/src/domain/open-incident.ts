import type { AlertRaised } from '@vigil/contracts';
import { Draft, type Decision } from './decision.ts';
import type { HoldReason, Incident } from './incident.ts';
import { pageStep } from './page-team.ts';
import type { Route, Router } from './route.ts';
import { severityOf } from './severity.ts';

/** What is known when an alert arrives. */
export interface Arrival {
  readonly incidentId: string;
  readonly partition: number;
  readonly nowMs: number;
  readonly router: Router;
  /** An alert older than this on arrival reached us late. */
  readonly lateAfterMs: number;
  /** A late alert is held so long at a time, until the partition is caught up. */
  readonly holdMs: number;
  /** End of an approved silence over its ward; null where there is none. */
  readonly silencedUntil: number | null;
}

/** An incident as it begins. */
export const newIncident = (alert: AlertRaised, { incidentId, partition }: Arrival): Incident => ({
  incidentId,
  alertId: alert.alertId,
  patientToken: alert.patientToken,
  rule: alert.rule,
  vital: alert.vital,
  kind: alert.kind,
  severity: severityOf(alert.severity),
  historic: alert.historic,
  hospital: alert.hospital,
  ward: alert.ward,
  room: alert.room,
  about: null,
  partition,
  raisedAt: alert.raisedAt,
  receivedAt: alert.receivedAt,
  clearedAt: alert.clearedAt,
  state: 'recorded',
  heldFor: null,
  step: 0,
  pages: [],
  pageCount: 0,
  seq: 0,
  nextStepAt: null,
  leaseUntil: null,
  undelivered: false,
});

/** Keeps an incident from people for now; it is looked at again at `until`. */
export function hold(draft: Draft, heldFor: HoldReason, until: number): void {
  draft.set({ state: 'held', heldFor, nextStepAt: until });
  draft.note('held');
}

/** Tells the first step, unless the policy tells nobody. */
export function open(draft: Draft, route: Route): void {
  const told = route.steps.length > 0;
  draft.set({ state: told ? 'open' : 'recorded', heldFor: null, nextStepAt: null });
  draft.note(told ? 'opened' : 'recorded');
  if (told) pageStep(draft, route, 0);
}

/** Opens an incident, or holds it where quiet hours or a silence say so. */
export function openOrHold(draft: Draft, route: Route, silencedUntil: number | null): void {
  if (silencedUntil !== null && silencedUntil > draft.nowMs) hold(draft, 'silence', silencedUntil);
  else if (route.quietUntil !== null && route.quietUntil > draft.nowMs) hold(draft, 'quiet-hours', route.quietUntil);
  else open(draft, route);
}

/**
 * The beginning of an episode. Historic ones are recorded only. One that reaches us late is held until the partition
 * is caught up, because it may be over already; then it is paged with its age.
 */
export function raiseAlert(alert: AlertRaised, arrival: Arrival): Decision {
  const { nowMs, router, lateAfterMs, holdMs, silencedUntil } = arrival;
  const draft = new Draft(newIncident(alert, arrival), nowMs);
  const route = router(draft.incident, nowMs);
  if (alert.historic) draft.note('recorded');
  else if (nowMs - alert.receivedAt > lateAfterMs) hold(draft, 'catch-up', nowMs + holdMs);
  else openOrHold(draft, route, silencedUntil);
  return draft.decide(route.pace);
}
