/** What the page shows; all of it stands in the address, so that a view can be sent to somebody. */
export interface View {
  readonly workflow: string | null;
  readonly status: string | null;
  readonly trigger: string | null;
  readonly runId: string | null;
  readonly tab: Tab;
  readonly task: string | null;
}
export type Tab = 'graph' | 'timeline';

export const statusFilters = ['open', 'waiting', 'running', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;
export const triggerFilters = [
  'cron',
  'interval',
  'continuous',
  'event',
  'file',
  'upstream',
  'manual',
  'api',
  'backfill',
  'workflow',
] as const;

export const everything: View = { workflow: null, status: null, trigger: null, runId: null, tab: 'graph', task: null };

const oneOf = (allowed: readonly string[], text: string | null): string | null => (text !== null && allowed.includes(text) ? text : null);
const matching = (pattern: RegExp, text: string | null): string | null => (text !== null && pattern.test(text) ? text : null);

/** The view of an address. What is not understood counts as not said: an address typed by hand shows something. */
export function readView(search: string): View {
  const given = new URLSearchParams(search);
  return {
    workflow: matching(/^[a-z][a-z0-9_]{0,127}$/, given.get('workflow')),
    status: oneOf(statusFilters, given.get('status')),
    trigger: oneOf(triggerFilters, given.get('trigger')),
    runId: matching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, given.get('run')),
    tab: given.get('tab') === 'timeline' ? 'timeline' : 'graph',
    task: matching(/^.{1,128}$/, given.get('task')),
  };
}

/** The search of a view's address: only what differs from showing everything. */
export function searchOf({ workflow, status, trigger, runId, tab, task }: View): string {
  const said = { workflow, status, trigger, run: runId, tab: tab === everything.tab ? null : tab, task };
  const search = new URLSearchParams(Object.entries(said).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
  return `?${search.toString()}`;
}
