import type { RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { ApiProblem } from './problem.ts';
import type { changeSchema } from './schemas/place.ts';

export type Change = z.input<typeof changeSchema>;

/** A change with the place in the stream behind it. */
export interface PlacedChange {
  readonly id: string;
  readonly change: Change;
}

/** Changes in their order, and the place behind them: also where none of them passed the filter. */
export interface ChangePage {
  readonly id: string;
  readonly changes: readonly PlacedChange[];
}

export interface ChangeFilter {
  readonly workflow: string | null;
  readonly runId: string | null;
}

/** Reads what changed; the polling and its pace are the hub's. */
export interface ChangeHub {
  /**
   * Changes behind `after` as they come, until `signal` ends it. The first page comes at once and may be empty.
   *
   * @param after  id of a change; null = from now on
   * @throws ApiProblem BAD_REQUEST where `after` is no id of this stream
   */
  follow(after: string | null, filter: ChangeFilter, signal: AbortSignal): AsyncIterable<ChangePage>;
}

const pingEveryMs = 15_000;
const retryMs = 1000;

const textOf = ({ id, change }: PlacedChange): string => `id: ${id}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`;

/** An id without data is remembered by the reader, so that it resumes here although it has seen nothing yet. */
const pageText = ({ id, changes }: ChangePage): string => (changes.length > 0 ? changes.map(textOf).join('') : `id: ${id}\n\n`);

/** Waits until what was written has left, so that a slow reader holds one page and not all of them. */
const drained = (response: Response): Promise<void> =>
  new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });

const oneOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Server-sent events of what changes; resumes behind the header Last-Event-ID. */
export const streamChanges =
  (hub: ChangeHub): RequestHandler =>
  async (request, response) => {
    response.locals['operation'] = 'stream';
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const filter = { workflow: oneOf(request.query['workflow']), runId: oneOf(request.query['runId']) };
    if (filter.runId !== null && !/^[\da-f-]{36}$/i.test(filter.runId)) throw new ApiProblem('BAD_REQUEST', 'query.runId: a UUID.');
    const after = oneOf(request.get('Last-Event-ID')) ?? oneOf(request.query['lastEventId']);
    const pages = hub.follow(after, filter, closed.signal)[Symbol.asyncIterator]();
    // The first page is asked for before the head is sent: an id that is none is still refused with a problem.
    let next = await pages.next();
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    response.write(`retry: ${retryMs}\n\n`);
    const ping = setInterval(() => response.write(': ping\n\n'), pingEveryMs);
    try {
      for (; next.done !== true && !closed.signal.aborted; next = await pages.next()) {
        if (!response.write(pageText(next.value))) await drained(response);
      }
    } finally {
      clearInterval(ping);
      response.end();
    }
  };
