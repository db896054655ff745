import { createEventParser, type StreamMessage } from './create-event-parser.ts';

export type StreamNews =
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly message: StreamMessage }
  /** The connection is gone; another try follows. */
  | { readonly kind: 'lost' }
  /** The place to go on from is not known any more: changes may have been missed. */
  | { readonly kind: 'forgotten' }
  /** The key is not valid: no other try. */
  | { readonly kind: 'refused' };

export interface FollowOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly fetch: typeof globalThis.fetch;
  readonly tell: (news: StreamNews) => void;
  readonly signal: AbortSignal;
  /** Resolves after so many milliseconds, or with the signal. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A stream that says nothing for so long is taken for dead; its server pings every 15 s. Milliseconds. */
  readonly silenceMs?: number;
}

const firstRetryMs = 1000;
const longestRetryMs = 15_000;

type Ended = 'refused' | 'forgotten' | 'lost';

/**
 * Follows the stream of changes until `signal` ends it: connects again behind the last event that was seen. By fetch and not by
 * EventSource, which cannot send the API key.
 */
export async function followStream(options: FollowOptions): Promise<void> {
  const { tell, signal, wait } = options;
  let lastId: string | null = null;
  let tries = 0;
  let retryMs = firstRetryMs;

  const hear = (message: StreamMessage): void => {
    lastId = message.id ?? lastId;
    if (message.data !== null) tell({ kind: 'message', message });
  };

  while (!signal.aborted) {
    const ended = await readOnce(options, lastId, {
      opened: () => {
        tries = 0;
        tell({ kind: 'opened' });
      },
      hear,
      retry: (ms) => {
        retryMs = ms;
      },
    });
    if (signal.aborted) return;
    tell({ kind: ended });
    if (ended === 'refused') return;
    if (ended === 'forgotten') lastId = null;
    await wait(Math.min(longestRetryMs, retryMs * 2 ** tries++), signal);
  }
}

interface Listener {
  readonly opened: () => void;
  readonly hear: (message: StreamMessage) => void;
  readonly retry: (ms: number) => void;
}

/** One connection, until it ends. */
async function readOnce(
  { url, apiKey, fetch, signal, silenceMs = 40_000 }: FollowOptions,
  lastId: string | null,
  to: Listener,
): Promise<Ended> {
  const silent = new AbortController();
  const heard = (): NodeJS.Timeout | number => setTimeout(() => silent.abort(), silenceMs);
  let timer = heard();
  try {
    const headers = { Authorization: `Bearer ${apiKey}`, ...(lastId !== null && { 'Last-Event-ID': lastId }) };
    const response = await fetch(url, { headers, cache: 'no-store', signal: AbortSignal.any([signal, silent.signal]) });
    if (response.status === 401) return 'refused';
    if (response.status === 400 && lastId !== null) return 'forgotten';
    if (!response.ok || response.body === null) return 'lost';
    to.opened();
    const parser = createEventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      clearTimeout(timer);
      timer = heard();
      for (const message of parser.take(piece.value)) to.hear(message);
      to.retry(parser.retryMs() ?? firstRetryMs);
    }
    return 'lost';
  } catch {
    return 'lost';
  } finally {
    clearTimeout(timer);
  }
}
