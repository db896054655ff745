import { Redis } from 'ioredis';
import type { NamedKey } from '@vigil/core';
import { createLatestReader, createLatestVitalsCache, createPool } from '@vigil/postgres';
import type { ReadLatest } from '../http/create-gateway.ts';

export interface LatestReaderParts {
  readonly databaseUrl: string;
  /** Absent: every read comes from PostgreSQL. */
  readonly redisUrl?: string | undefined;
  readonly dataKey: NamedKey;
  /** Redis did not answer; the read went on to PostgreSQL. */
  readonly onCacheFailed: (error: unknown) => void;
}

export interface OpenLatestReader {
  readonly readLatest: ReadLatest;
  readonly close: () => Promise<void>;
}

/** A cache that is slower than the database is of no use. */
const cacheTimeoutMs = 500;

/** Redis as a cache: a command fails at once where there is no connection, which is tried again in the background. */
function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    commandTimeout: cacheTimeoutMs,
    retryStrategy: (attempt) => Math.min(5000, 100 * 2 ** Math.min(attempt, 6)),
  });
  // A command that fails says so itself; without a listener a broken connection would be printed.
  redis.on('error', () => undefined);
  return redis;
}

/** The reader behind `GET /v1/patients/{token}/latest`: Redis where it answers, else PostgreSQL. */
export function openLatestReader({ databaseUrl, redisUrl, dataKey, onCacheFailed }: LatestReaderParts): OpenLatestReader {
  const pool = createPool({ url: databaseUrl, applicationName: 'device-ingest', role: 'vigil_device_ingest', maxConnections: 4 });
  const redis = redisUrl === undefined ? null : openRedis(redisUrl);
  const cache = redis && createLatestVitalsCache(redis, dataKey);
  return {
    readLatest: createLatestReader({ pool, onCacheFailed, ...(cache && { cache }) }),
    async close() {
      redis?.disconnect();
      await pool.end();
    },
  };
}
