import { VigilError } from '@vigil/core';
import type { HttpTableOptions } from './http-table-options.ts';
import { readBody } from './read-body.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a source answered for a page. */
export interface PageAnswer {
  /** It says that nothing changed. */
  readonly isUnchanged: boolean;
  readonly body: Buffer;
  readonly link: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Headers that make a request conditional. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

const usualTimeoutMs = 30_000;
const usualPageBytes = 32 * 1024 * 1024;
const usualAttempts = 6;
const usualWaitMs = 120_000;
const firstDelayMs = 500;

const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

function headersOf({ headers = {} }: HttpTableOptions, { etag, lastModified }: Validators): Record<string, string> {
  return {
    Accept: 'application/json',
    ...headers,
    ...(etag !== null && { 'If-None-Match': etag }),
    ...(lastModified !== null && { 'If-Modified-Since': lastModified }),
  };
}

/** @throws VigilError SOURCE_DENIED, SOURCE_ANSWER for what asking again does not change */
function refuse(status: number, name: string): never {
  const detail = `Source ${name}, status ${status}.`;
  throw new VigilError(status === 401 || status === 403 ? 'SOURCE_DENIED' : 'SOURCE_ANSWER', { detail });
}

/** Milliseconds to wait before the next attempt; a failure that the source says nothing about is waited for longer each time. */
const delayOf = (attempt: number, asked: number | null): number => asked ?? firstDelayMs * 2 ** (attempt - 1);

type Attempt = { readonly answer: PageAnswer } | { readonly again: number | null; readonly cause: unknown };

async function askOnce(url: string, validators: Validators, options: HttpTableOptions, signal: AbortSignal): Promise<Attempt> {
  const { name, timeoutMs = usualTimeoutMs, mostPageBytes = usualPageBytes, clock } = options;
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    // A redirect would carry the credentials away.
    const response = await fetch(url, { headers: headersOf(options, validators), signal: within, redirect: 'manual' });
    const { status, headers } = response;
    if (isPassing(status)) {
      await response.body?.cancel();
      return { again: retryAfterMs(headers.get('retry-after'), clock.now()), cause: new Error(`status ${status}`) };
    }
    const isUnchanged = status === 304;
    if (!isUnchanged && status !== 200) {
      await response.body?.cancel();
      refuse(status, name);
    }
    const body = isUnchanged ? Buffer.alloc(0) : await readBody(response, mostPageBytes);
    return {
      answer: { isUnchanged, body, link: headers.get('link'), etag: headers.get('etag'), lastModified: headers.get('last-modified') },
    };
  } catch (error) {
    if (signal.aborted || error instanceof VigilError) throw error;
    return { again: null, cause: error };
  }
}

/**
 * Asks for a page until it is answered: a source that is busy (429, 503) is given the time it asks for.
 *
 * @throws VigilError SOURCE_AWAY after the last attempt, or where it asks for more time than we wait; SOURCE_DENIED, SOURCE_ANSWER
 */
export async function askPage(url: string, validators: Validators, options: HttpTableOptions, signal: AbortSignal): Promise<PageAnswer> {
  const { name, attempts = usualAttempts, mostWaitMs = usualWaitMs, sleep } = options;
  for (let attempt = 1; ; attempt++) {
    const tried = await askOnce(url, validators, options, signal);
    if ('answer' in tried) return tried.answer;
    const delayMs = delayOf(attempt, tried.again);
    if (attempt >= attempts || delayMs > mostWaitMs)
      throw new VigilError('SOURCE_AWAY', { detail: `Source ${name}, ${attempt} attempts.`, cause: tried.cause });
    await sleep(delayMs, signal);
  }
}
