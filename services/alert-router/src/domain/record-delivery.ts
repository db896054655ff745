import type { Action } from './action.ts';
import { Draft, type Decision } from './decision.ts';
import type { Incident, Try, TryState } from './incident.ts';
import { extendChain } from './page-team.ts';
import type { Channel, Router } from './route.ts';

/**
 * What an attempt to deliver came to.
 *
 * - `accepted`   the provider took it
 * - `retry`      it may be taken later: 429, 5xx, network
 * - `permanent`  it will never be taken: it is quarantined
 * - `blocked`    no attempt was made: the breaker is open, or the provider asked to wait
 */
export type Outcome = 'accepted' | 'retry' | 'permanent' | 'blocked';

export interface Delivery {
  readonly page: number;
  readonly channel: Channel;
  readonly action: Action;
  readonly outcome: Outcome;
}

const stateAfter: Readonly<Record<Outcome, TryState>> = {
  accepted: 'accepted',
  retry: 'failing',
  permanent: 'rejected',
  blocked: 'failing',
};

/** What the result of a delivery does to its incident; null where nothing changes. */
export function recordDelivery(
  incident: Incident,
  delivery: Delivery,
  { nowMs, router }: { nowMs: number; router: Router },
): Decision | null {
  const { channel, outcome } = delivery;
  const draft = new Draft(incident, nowMs);
  const page = incident.pages.find(({ number }) => number === delivery.page);
  const tried = page?.tries.find((one) => one.channel === channel);
  if (delivery.action !== 'trigger' || !page || !tried) {
    if (outcome !== 'permanent') return null;
    draft.note('quarantined', channel);
    return draft.decide(router(incident, nowMs).pace);
  }
  const state = stateAfter[outcome];
  if (tried.state === state || tried.state === 'accepted' || tried.state === 'rejected') return null;

  const after: Try = { ...tried, state };
  const changed = { ...page, tries: page.tries.map((one) => (one === tried ? after : one)) };
  draft.setPage(changed);
  if (outcome === 'accepted') {
    draft.note('accepted', channel);
    if (changed.number === incident.pages.at(-1)?.number) draft.set({ undelivered: false });
  }
  if (outcome === 'permanent') draft.note('quarantined', channel);
  const route = router(incident, nowMs);
  if (incident.state === 'open') extendChain(draft, changed, route.pace);
  return draft.decide(route.pace);
}
