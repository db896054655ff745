import { isVigilError } from '@vigil/core';
import { toDatabaseError } from './database-error.ts';
import { readPositions, type StoredPosition } from './fenced-positions.ts';
import { createPool } from './pool.ts';

/** The stored positions of every sink, from whichever database holds its rows. */
export interface SinkPositions {
  /** @throws VigilError DATABASE_AWAY */
  read(): Promise<readonly StoredPosition[]>;
  close(): Promise<void>;
}

type Pool = ReturnType<typeof createPool>;

async function positionsIn(pool: Pool): Promise<readonly StoredPosition[]> {
  try {
    return await readPositions(pool);
  } catch (error) {
    const known = toDatabaseError(error);
    // A database that was never migrated holds no positions.
    if (isVigilError(known) && known.code === 'DATABASE_NOT_MIGRATED') return [];
    throw known;
  }
}

/** One transaction cannot span two databases, so each keeps the positions of its own rows. */
export function openSinkPositions(urls: readonly string[], applicationName: string): SinkPositions {
  const pools = urls.map((url) => createPool({ url, applicationName, maxConnections: 1 }));
  return {
    read: async () => (await Promise.all(pools.map(positionsIn))).flat(),
    close: async () => void (await Promise.all(pools.map((pool) => pool.end()))),
  };
}
