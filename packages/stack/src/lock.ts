import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { VigilError } from '@vigil/core';
import { hasField } from './has-field.ts';

export interface LockOptions {
  readonly withinMs?: number;
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
}

const sqliteBusy = 5;

const tryBegin = (database: DatabaseSync): boolean => {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (hasField(error, 'errcode', sqliteBusy)) return false;
    throw error;
  }
};

const openLock = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `File ${path}.`, cause });
  }
};

/**
 * Runs `work` while no other process holds the lock.
 *
 * The lock is the kernel's (SQLite's file lock), so that a killed holder leaves nothing behind.
 */
export const withLock = async <Result>(
  path: string,
  work: () => Promise<Result>,
  { withinMs = 300_000, onWait }: LockOptions = {},
): Promise<Result> => {
  const database = openLock(path);
  try {
    const pollMs = 50;
    for (let waitedMs = 0; !tryBegin(database); waitedMs += pollMs) {
      if (waitedMs === 0) onWait?.();
      if (waitedMs >= withinMs) throw new VigilError('TIMED_OUT', { detail: `Another vigil command holds ${path}.` });
      await sleep(pollMs);
    }
    return await work();
  } finally {
    database.close();
  }
};
