import type { RunEvent } from '../../domain/lineage/run-event.ts';

export interface LineagePosterOptions {
  /** Where an OpenLineage server takes events: `https://host/api/v1/lineage`. */
  readonly url: string;
  /** Bearer token; null = none. */
  readonly apiKey: string | null;
  /** Events that wait at most; beyond it the oldest are dropped. */
  readonly maxWaiting: number;
  /** Of one request. */
  readonly timeoutMs: number;
  /** An event could not be handed over: refused, unreachable or dropped. */
  readonly onLost: (count: number) => void;
}

export interface LineagePoster {
  /** Returns at once, whatever the server does. */
  post(event: RunEvent): void;
  /** Waits for what is on its way, bounded. */
  drain(options: { readonly withinMs: number }): Promise<void>;
}

/** Tries again once: lineage is on its topic anyway, so nothing waits for a server. */
const attempts = 2;

/** Hands events to an OpenLineage server, one after the other so that START comes first. A run never waits for it and never fails by it. */
export function createLineagePoster({ url, apiKey, maxWaiting, timeoutMs, onLost }: LineagePosterOptions): LineagePoster {
  const waiting: RunEvent[] = [];
  let sending: Promise<void> | null = null;
  const headers = { 'content-type': 'application/json', ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }) };

  const send = async (event: RunEvent): Promise<boolean> => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event), signal: AbortSignal.timeout(timeoutMs) });
        await response.body?.cancel();
        if (response.ok) return true;
        // What the server refuses it refuses again.
        if (response.status < 500) return false;
      } catch {
        // Unreachable or too slow: once more.
      }
    }
    return false;
  };

  const sendAll = async (): Promise<void> => {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) if (!(await send(event))) onLost(1);
    sending = null;
  };

  return {
    post(event) {
      waiting.push(event);
      if (waiting.length > maxWaiting) {
        waiting.shift();
        onLost(1);
      }
      sending ??= sendAll();
    },
    async drain({ withinMs }) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, withinMs);
      await Promise.race([sending, late.promise]);
      clearTimeout(timer);
      if (waiting.length > 0) onLost(waiting.splice(0).length);
    },
  };
}
