import type { Request, RequestHandler } from 'express';
import type { ByteLane } from '../domain/byte-lane.ts';
import { maxMessageBytes } from '../domain/read-message.ts';
import { HttpProblem } from './problem.ts';

/** Room for bodies. */
export interface BodyRoom {
  /** For small plain bodies alone: what a monitor sends. However many large or slow uploads come, these find room. */
  readonly small: ByteLane;
  readonly any: ByteLane;
}

/** A hundred readings; what is larger is an upload. */
const smallBytes = 64 * 1024;

/** What a body can take of memory: its length where the sender names it and nothing is inflated. */
function bytesOf({ headers }: Request): number {
  const length = Number(headers['content-length']);
  const isPlain = headers['content-encoding'] === undefined || headers['content-encoding'] === 'identity';
  const isNamed = headers['content-length'] !== undefined && Number.isInteger(length) && length >= 0;
  return isPlain && isNamed ? Math.min(length, maxMessageBytes) : maxMessageBytes;
}

const crowded = (): HttpProblem =>
  new HttpProblem({
    status: 503,
    name: 'crowded',
    title: 'Too many requests wait',
    detail: 'Nothing of the request was read. Send it again after the time in Retry-After.',
    retryAfterSeconds: 2,
  });

/**
 * Reads a body only once there is room for it, and keeps that room until the request is answered: memory stays bounded
 * however many senders come at once. Nobody is refused for what is in a body before it was read: it may be critical.
 */
export const holdBody =
  (room: BodyRoom, longestWaitMs: number): RequestHandler =>
  async (request, response, next) => {
    const bytes = bytesOf(request);
    const lane = bytes <= smallBytes ? room.small : room.any;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const release = await lane.acquire(bytes, AbortSignal.any([gone.signal, AbortSignal.timeout(longestWaitMs)]));
    if (release === null) return next(crowded());
    if (response.closed) return release();
    response.once('close', release);
    next();
  };
