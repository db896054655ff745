import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError, type ErrorCode } from '@vigil/core';
import { AwsClient } from 'aws4fetch';
import { usualCallMs, type S3Options } from './source-options.ts';

export interface S3Call {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Below the bucket; empty = the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Answers that are looked at by the caller; the others are thrown. */
const told = new Set([200, 204, 206, 404, 412]);
/** 503 SlowDown, 500 and 429 ask to be tried again. */
const isPassing = (status: number): boolean => status === 429 || status >= 500;
const mostAttempts = 6;
const [firstDelayMs, longestDelayMs] = [100, 5_000];

export interface S3Waiting {
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const usualWaiting: S3Waiting = { random: Math.random, sleep };

/**
 * One signed call after the other to a bucket, tried again with full jitter where the server asks for it.
 *
 * @throws VigilError SOURCE_DENIED (401, 403), SOURCE_AWAY (nothing else helped)
 */
export function createS3Calls(options: S3Options, { random, sleep: wait }: S3Waiting = usualWaiting): (call: S3Call) => Promise<Response> {
  const { name, endpoint, region, bucket, accessKeyId, secretAccessKey, callMs = usualCallMs } = options;
  const signer = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  const as = (code: ErrorCode, detail: string, cause?: unknown): VigilError =>
    new VigilError(code, { detail: `Source ${name}${detail}.`, cause });

  const once = async ({ method = 'GET', key = '', query = {}, headers = {}, body }: S3Call): Promise<Response> => {
    const path = [bucket, ...key.split('/')]
      .filter((segment) => segment !== '')
      .map(encodeURIComponent)
      .join('/');
    const url = new URL(`${endpoint.replace(/\/$/, '')}/${path}`);
    for (const [parameter, value] of Object.entries(query)) url.searchParams.set(parameter, value);
    const request = await signer.sign(url, { method, headers: { ...headers }, ...(body !== undefined && { body }) });
    // Only until the headers are there: a download has an idle time of its own.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), callMs);
    try {
      return await fetch(request, { signal: late.signal });
    } finally {
      clearTimeout(timer);
    }
  };

  return async (call) => {
    let last: VigilError = as('SOURCE_AWAY', '');
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      if (attempt > 0) await wait(random() * Math.min(longestDelayMs, firstDelayMs * 2 ** attempt));
      try {
        const answer = await once(call);
        if (told.has(answer.status)) return answer;
        await answer.body?.cancel();
        if (!isPassing(answer.status))
          throw as(answer.status === 401 || answer.status === 403 ? 'SOURCE_DENIED' : 'SOURCE_AWAY', `: status ${answer.status}`);
        last = as('SOURCE_AWAY', `: status ${answer.status}`);
      } catch (error) {
        if (error instanceof VigilError) throw error;
        last = as('SOURCE_AWAY', '', error);
      }
    }
    throw last;
  };
}
