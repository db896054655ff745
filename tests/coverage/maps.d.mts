import type { CoverageMap } from './transform.mjs';

export function keepMap(map: CoverageMap): void;
