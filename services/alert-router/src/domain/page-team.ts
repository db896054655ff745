import type { Draft } from './decision.ts';
import { tryOf, type Page, type Try } from './incident.ts';
import { chainDueAt } from './next-step.ts';
import type { Address, Pace, Route } from './route.ts';

function startTry(draft: Draft, page: Page, [next, ...rest]: readonly [Address, ...Address[]]): Page {
  const started: Try = { ...next, startedAt: draft.nowMs, state: 'pending' };
  const extended = { ...page, tries: [...page.tries, started], rest };
  draft.setPage(extended);
  draft.send(extended, next, 'trigger');
  return extended;
}

/**
 * Ends pages at the provider because newer ones take their place. What the provider reports about them from then on
 * (it reports our own resolve, too) is no answer of a person: they are no longer pages of the incident.
 */
export function supersede(draft: Draft, old: readonly Page[]): void {
  for (const page of old) {
    const paged = tryOf(page, 'pagerduty');
    if (paged && paged.state !== 'rejected') draft.send(page, paged, 'resolve');
  }
  draft.set({ pages: draft.incident.pages.filter((page) => !old.includes(page)) });
}

/** Tells the team of a step. A route that became shorter since then is told at its last step. */
export function pageStep(draft: Draft, route: Route, wanted: number): void {
  const step = Math.min(wanted, route.steps.length - 1);
  const told = route.steps[step];
  if (!told) return;
  const [first, ...rest] = told.chain;
  // One telling of a team at a time.
  supersede(
    draft,
    draft.incident.pages.filter((page) => page.step === step),
  );
  const number = draft.incident.pageCount + 1;
  draft.set({ step, pageCount: number, undelivered: false });
  const page: Page = { number, step, of: route.steps.length, team: told.team, startedAt: draft.nowMs, tries: [], rest: [] };
  startTry(draft, page, [first, ...rest]);
}

/** Whether the last channel that was started is known, or after so long presumed, not to get through. */
function isStuck(draft: Draft, page: Page, pace: Pace): boolean {
  if (page.tries.some(({ state }) => state === 'accepted')) return false;
  const last = page.tries.at(-1);
  if (last?.state === 'failing' || last?.state === 'rejected') return true;
  const dueAt = chainDueAt(page, draft.incident, pace);
  return dueAt !== null && dueAt <= draft.nowMs;
}

/**
 * Starts the next channel where the last one fails or takes too long; the ones before go on trying. At the end of the
 * newest page's chain the incident is undelivered: the console shows it.
 */
export function extendChain(draft: Draft, page: Page, pace: Pace): void {
  if (!isStuck(draft, page, pace)) return;
  const [next, ...rest] = page.rest;
  if (next) {
    startTry(draft, page, [next, ...rest]);
  } else if (!draft.incident.undelivered && page.number === draft.incident.pageCount) {
    draft.set({ undelivered: true });
    draft.note('undelivered', 'console');
  }
}
