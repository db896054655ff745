import { Draft, type Decision } from './decision.ts';
import type { Incident } from './incident.ts';
import { answerDueAt } from './next-step.ts';
import { openOrHold } from './open-incident.ts';
import { extendChain, pageStep, supersede } from './page-team.ts';
import type { Route, Router } from './route.ts';

export interface Passing {
  readonly nowMs: number;
  readonly router: Router;
  readonly silencedUntil: number | null;
}

function advanceOpen(draft: Draft, route: Route): void {
  const page = draft.incident.pages.at(-1);
  if (!page) return pageStep(draft, route, draft.incident.step);
  if (answerDueAt(page, route.pace) > draft.nowMs) return extendChain(draft, page, route.pace);
  const isLast = page.step + 1 >= route.steps.length;
  draft.set({ step: isLast ? page.step : page.step + 1 });
  draft.note('escalated');
  pageStep(draft, route, draft.incident.step);
}

/**
 * An acknowledgement is a lease: it ended, and the condition persists. Earlier pages end at the provider, so that an
 * answer to one of them that is still under way cannot be taken for an answer to the new one.
 */
function rearm(draft: Draft, route: Route): void {
  draft.set({ state: 'open', leaseUntil: null, step: 0 });
  draft.note('rearmed');
  supersede(draft, draft.incident.pages);
  pageStep(draft, route, 0);
}

/** The policy no longer tells anybody about it: it is kept, and looked at again. */
const postpone = (incident: Incident, nextStepAt: number): Decision => ({
  incident: { ...incident, nextStepAt },
  timeline: [],
  messages: [],
});

/** What the passing of time does to an incident whose next step is due. */
export function advanceIncident(incident: Incident, { nowMs, router, silencedUntil }: Passing): Decision {
  const draft = new Draft(incident, nowMs);
  const route = router(incident, nowMs);
  if (incident.nextStepAt === null || incident.nextStepAt > nowMs) return draft.decide(route.pace);
  if (incident.state !== 'held' && route.steps.length === 0) return postpone(incident, nowMs + route.pace.repeatEveryMs);
  switch (incident.state) {
    case 'held':
      openOrHold(draft, route, silencedUntil);
      break;
    case 'open':
      advanceOpen(draft, route);
      break;
    case 'acknowledged':
      rearm(draft, route);
      break;
    case 'recorded':
    case 'resolved':
      break;
  }
  return draft.decide(route.pace);
}
