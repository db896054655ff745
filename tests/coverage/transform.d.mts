export interface CoverageMap {
  readonly hash: string;
  readonly s: Readonly<Record<string, number>>;
  readonly f: Readonly<Record<string, number>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

export function addCounters(code: string, path: string): { readonly code: string; readonly map: CoverageMap };
export function withCounts(map: CoverageMap, cells: ArrayLike<number>): CoverageMap;
