import { createMasks, type Dataset, type DatasetMode, type NamedKey, type PatientMask } from '@vigil/core';
import { createBoundedCache } from './bounded-cache.ts';

export type { Dataset, DatasetMode, PatientMask } from '@vigil/core';

export interface DatasetOptions {
  readonly key: NamedKey;
  readonly mode: DatasetMode;
  /** Patients whose masks are remembered; others are computed again. */
  readonly cachedPatients: number;
}

/** The keyed functions of a dataset, with a memory for the patients of the hour. */
export function createDataset({ key, mode, cachedPatients }: DatasetOptions): Dataset {
  const masks = createMasks(key, mode);
  return { ...masks, maskOf: createBoundedCache<PatientMask>(cachedPatients, masks.maskOf) };
}
