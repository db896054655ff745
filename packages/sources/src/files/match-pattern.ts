import { posix } from 'node:path';

/** Which paths are meant, and how deep a listing has to go for them. */
export interface PathPattern {
  readonly matches: (path: string) => boolean;
  /** Directories below the root; Infinity with `**`. */
  readonly depth: number;
}

/** A glob: `claims_*.json` for files of the root, `2024/*.csv` or `**` for any depth for those below it. Hidden files only where it names them. */
export const matchPattern = (pattern: string): PathPattern => ({
  matches: (path) => posix.matchesGlob(path, pattern),
  depth: pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length - 1,
});
