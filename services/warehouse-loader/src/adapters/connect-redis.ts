import { Redis } from 'ioredis';

/** A client for a cache: it fails at once instead of queueing while Redis is away, and comes back by itself. */
export function connectRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 6), 5_000),
  });
  // Without a listener every failed attempt to connect would be printed.
  redis.on('error', () => undefined);
  return redis;
}
