import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef } from 'react';
import type { ApiAnswers, Change, RunDetail } from '../generated/api-types.ts';
import { followStream, type StreamNews } from '../live/follow-stream.ts';
import { changedDetail, changedRun, changeOf, newFeed, nothingStale, reduceFeed, type Feed, type Stale } from '../live/reduce-feed.ts';

/** Changes arrive in flocks: what they make stale is read again this long after the first of them. */
const readAgainMs = 300;

/** A change is shown at once; what it does not carry is read again. */
function showChange(cache: QueryClient, change: Change): void {
  cache.setQueriesData<RunDetail>({ queryKey: ['run', change.runId] }, (detail) => detail && changedDetail(detail, change));
  cache.setQueriesData<ApiAnswers['listRuns']>(
    { queryKey: ['runs'] },
    (page) => page && { ...page, items: page.items.map((run) => changedRun(run, change)) },
  );
}

function readAgain(cache: QueryClient, stale: Stale): void {
  if (stale.everything) return void cache.invalidateQueries();
  if (stale.lists) {
    void cache.invalidateQueries({ queryKey: ['runs'] });
    void cache.invalidateQueries({ queryKey: ['workflows'] });
  }
  for (const runId of stale.runIds) {
    for (const kind of ['run', 'why', 'events']) void cache.invalidateQueries({ queryKey: [kind, runId] });
  }
}

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Follows the stream of changes as long as the page stands. */
export function useFeed(apiKey: string, refused: () => void): Feed {
  const cache = useQueryClient();
  const [feed, take] = useReducer(reduceFeed, newFeed);

  useEffect(() => {
    const stop = new AbortController();
    const tell = (news: StreamNews): void => {
      if (stop.signal.aborted) return;
      take(news);
      const change = news.kind === 'message' ? changeOf(news) : null;
      if (change !== null) showChange(cache, change);
      if (news.kind === 'refused') refused();
    };
    void followStream({ url: '/v1/stream', apiKey, fetch: (...asked) => fetch(...asked), tell, signal: stop.signal, wait: waitFor });
    return () => stop.abort();
  }, [apiKey, cache, refused]);

  const latest = useRef(feed);
  useEffect(() => {
    latest.current = feed;
  }, [feed]);
  const isStale = feed.stale !== nothingStale;
  useEffect(() => {
    if (!isStale) return undefined;
    const timer = setInterval(() => {
      const { stale } = latest.current;
      take({ kind: 'refreshed', stale });
      readAgain(cache, stale);
    }, readAgainMs);
    return () => clearInterval(timer);
  }, [isStale, cache]);
  return feed;
}
