import type { Incident, Page } from './incident.ts';
import type { Pace } from './route.ts';

/** When the next channel of `page` starts, or where none is left the page counts as undelivered; null where neither can be. */
export function chainDueAt(page: Page, { undelivered }: Pick<Incident, 'undelivered'>, pace: Pace): number | null {
  if (page.tries.some(({ state }) => state === 'accepted')) return null;
  const last = page.tries.at(-1);
  if (last?.state !== 'pending' || (page.rest.length === 0 && undelivered)) return null;
  return last.startedAt + pace.fallbackAfterMs;
}

/** When the next step starts, or the last one is told again. */
export const answerDueAt = (page: Page, pace: Pace): number =>
  page.startedAt + (page.step + 1 < page.of ? pace.acknowledgeWithinMs : pace.repeatEveryMs);

/** When something has to happen next. An incident that is not over always has such a time: the auditor checks it. */
export function nextStepOf(incident: Incident, pace: Pace): number | null {
  switch (incident.state) {
    case 'recorded':
    case 'resolved':
      return null;
    case 'held':
      return incident.nextStepAt;
    case 'acknowledged':
      return incident.leaseUntil;
    case 'open': {
      const page = incident.pages.at(-1);
      if (!page) return incident.nextStepAt;
      return Math.min(answerDueAt(page, pace), chainDueAt(page, incident, pace) ?? Number.POSITIVE_INFINITY);
    }
  }
}
