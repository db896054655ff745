import { seal, sealContext, unseal, type NamedKey } from '@vigil/core';
import type { LatestVitals } from './latest-vitals.ts';
import type { StoredLatestVitals } from './latest-vitals-table.ts';

/** What is used of Redis; an ioredis client fits. */
export interface RedisCommands {
  hgetBuffer(key: string, field: string): Promise<Buffer | null>;
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number | Buffer)[]): Promise<unknown>;
}

/** Latest vitals in Redis: sealed, by token, gone soon after the last change. Best effort; PostgreSQL has the truth. */
export interface LatestVitalsCache {
  /** Null where there is no entry, or none that our key opens. */
  get(patientToken: string): Promise<LatestVitals | null>;
  /** Keeps the newer of two entries, whichever is written last. */
  put(entries: readonly StoredLatestVitals[]): Promise<void>;
}

/**
 * What could not be written leaves an older entry behind, for this long at most; it must exceed the time between two
 * readings of a monitor for the cache to be of use.
 */
const entryLifeMs = 30_000;

const keyOf = (token: string): string => `vigil:latest-vitals:${token}`;

/** Compares by revision, a plain count: the times are inside the seal. */
const putScript = `
local stored = redis.call('HGET', KEYS[1], 'revision')
if stored and tonumber(stored) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'sealed', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

export function createLatestVitalsCache(redis: RedisCommands, key: NamedKey): LatestVitalsCache {
  const contextOf = (owner: string): string => sealContext({ subject: 'redis.latest-vitals', field: '', owner, keyId: key.id });
  return {
    async get(patientToken) {
      const sealed = await redis.hgetBuffer(keyOf(patientToken), 'sealed');
      if (!sealed) return null;
      try {
        return JSON.parse(unseal(key, contextOf(patientToken), sealed).toString('utf8')) as LatestVitals;
      } catch {
        // Sealed with a key that was rotated, or not by us: the truth is in PostgreSQL.
        return null;
      }
    },
    async put(entries) {
      const puts = entries.map(({ revision, ...latest }) => {
        const sealed = seal(key, contextOf(latest.patientToken), Buffer.from(JSON.stringify(latest), 'utf8'));
        return redis.eval(putScript, 1, keyOf(latest.patientToken), revision, sealed, entryLifeMs);
      });
      await Promise.all(puts);
    },
  };
}
