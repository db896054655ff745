import type { Change, Run, RunDetail, TaskRun } from '../generated/api-types.ts';
import type { StreamNews } from './follow-stream.ts';

/** What must be read again, because a change does not carry it: counts, attempts, sentences. */
export interface Stale {
  /** All that was read: changes may have been missed. */
  readonly everything: boolean;
  /** Lists of runs and workflows. */
  readonly lists: boolean;
  readonly runIds: ReadonlySet<string>;
}

export interface Feed {
  readonly connection: 'connecting' | 'live' | 'lost' | 'refused';
  /** Number of changes since the page was opened. */
  readonly changes: number;
  /** When the last change happened; RFC 3339. */
  readonly lastAt: string | null;
  readonly stale: Stale;
}

export const nothingStale: Stale = { everything: false, lists: false, runIds: new Set() };
export const newFeed: Feed = { connection: 'connecting', changes: 0, lastAt: null, stale: nothingStale };

/** `refreshed`: this was read again; what became stale meanwhile still is. */
export type FeedNews = StreamNews | { readonly kind: 'refreshed'; readonly stale: Stale };

/** Kinds of changes that leave the lists as they are: a task's own affairs. */
const isListed = ({ task, kind, status }: Change): boolean => task === null || kind === 'requested' || status !== 'running';

/** The change of a message; null where it is none that this page knows. */
export function changeOf({ message }: Extract<StreamNews, { kind: 'message' }>): Change | null {
  if (message.event !== 'change' || message.data === null) return null;
  try {
    const change = JSON.parse(message.data) as Change;
    return typeof change.runId === 'string' ? change : null;
  } catch {
    return null;
  }
}

function takeChange(feed: Feed, change: Change): Feed {
  const { stale } = feed;
  return {
    ...feed,
    changes: feed.changes + 1,
    lastAt: change.at,
    stale: { ...stale, lists: stale.lists || isListed(change), runIds: new Set([...stale.runIds, change.runId]) },
  };
}

/** What the page knows of the stream, one piece of news further. */
export function reduceFeed(feed: Feed, news: FeedNews): Feed {
  switch (news.kind) {
    case 'opened':
      return { ...feed, connection: 'live' };
    case 'lost':
    case 'refused':
      return { ...feed, connection: news.kind };
    case 'forgotten':
      return { ...feed, connection: 'lost', stale: { ...feed.stale, everything: true } };
    case 'refreshed':
      return feed.stale === news.stale ? { ...feed, stale: nothingStale } : feed;
    case 'message': {
      const change = changeOf(news);
      return change === null ? feed : takeChange(feed, change);
    }
  }
}

/** A run of a list after a change; the same object where the change is not about it or changes nothing. */
export const changedRun = <Shown extends Run>(run: Shown, { runId, status }: Change): Shown =>
  run.runId !== runId || run.status === status ? run : { ...run, status: status as Run['status'] };

/** A run with its tasks after a change. */
export function changedDetail(detail: RunDetail, change: Change): RunDetail {
  if (detail.runId !== change.runId) return detail;
  const { task, part, state } = change;
  const isMeant = (row: TaskRun): boolean => state !== null && row.task === task && row.part === (part ?? 0) && row.state !== state;
  const run = changedRun(detail, change);
  if (!detail.tasks.some(isMeant)) return run;
  return { ...run, tasks: detail.tasks.map((row) => (isMeant(row) ? { ...row, state: state as TaskRun['state'] } : row)) };
}
