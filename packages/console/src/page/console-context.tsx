import { createContext, useContext, useEffect, useState } from 'react';
import type { ApiClient } from '../api/create-api-client.ts';
import type { Feed } from '../live/reduce-feed.ts';

export interface ConsoleContext {
  readonly api: ApiClient;
  readonly feed: Feed;
}

export const ConsoleContext = createContext<ConsoleContext | null>(null);

/** What the parts of the page share. */
export function useConsole(): ConsoleContext {
  const context = useContext(ConsoleContext);
  if (context === null) throw new Error('Used outside of the console.');
  return context;
}

/** While no changes come in, figures are read again so often; milliseconds, or never. */
export const useReadEvery = (): number | false => (useConsole().feed.connection === 'live' ? false : 5000);

/** The time, a second at most old, while `isOpen`; milliseconds. */
export function useNow(isOpen: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    if (!isOpen) return undefined;
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isOpen]);
  return nowMs;
}
