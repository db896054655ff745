import { VigilError } from '@vigil/core';
import type { Keys } from '@vigil/runtime';
import { createDataset, type DatasetMode } from './domain/dataset.ts';
import type { Datasets } from './handlers/handle-record.ts';

export interface DatasetSettings {
  readonly mode: DatasetMode;
  readonly dualKeyUntil: number | undefined;
  readonly cachedPatients: number;
}

/**
 * The dataset under the present key, and for the time of a rotation the one under the previous key beside it.
 * @throws VigilError BAD_SETTINGS when a rotation is configured without the previous key: nothing is guessed
 */
export function openDatasets(keys: Keys, { mode, dualKeyUntil, cachedPatients }: DatasetSettings): Datasets {
  const open = (key: Keys['dataset']) => createDataset({ key, mode, cachedPatients });
  if (dualKeyUntil === undefined) return { current: open(keys.dataset), previous: null, dualUntilMs: 0 };
  if (keys.previousDataset === null) {
    const detail = 'VIGIL_DEIDENTIFIER_DUAL_KEY_UNTIL is set, but the keys file has no previousDataset.';
    throw new VigilError('BAD_SETTINGS', { detail });
  }
  return { current: open(keys.dataset), previous: open(keys.previousDataset), dualUntilMs: dualKeyUntil };
}
