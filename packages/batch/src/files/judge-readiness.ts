import { posix } from 'node:path';

/** How a source tells that a file is whole. */
export type ReadinessRule =
  /** A second file beside it: `claims_1.json` is whole once `claims_1.json.done` is there. */
  | { readonly kind: 'marker'; readonly suffix: string }
  /** A JSON file beside it tells its size, hash and number of records. */
  | { readonly kind: 'manifest'; readonly suffix: string }
  /** Writers use another name and rename: what is listed under its name is whole. */
  | { readonly kind: 'rename' }
  /** Size and time stay the same for so many listings in a row. */
  | { readonly kind: 'stable'; readonly polls: number };

export interface Looked {
  readonly path: string;
  /** Listings in a row, this one included, that showed the same version. */
  readonly polls: number;
  /** Whether the listing shows a path. */
  readonly isListed: (path: string) => boolean;
}

export type Readiness = { readonly kind: 'ready' } | { readonly kind: 'waiting'; readonly reason: string };

const unfinished = /^\.|\.(tmp|part|partial|filepart|crdownload|swp)$/i;

/** Names by which programs write what is not whole yet. */
const isUnfinishedName = (path: string): boolean => unfinished.test(posix.basename(path));

/** Where a rule wants a second file. */
export const companionOf = (rule: ReadinessRule, path: string): string | null =>
  rule.kind === 'marker' || rule.kind === 'manifest' ? path + rule.suffix : null;

/** Whether a file that was listed may be taken. */
export function judgeReadiness(rule: ReadinessRule, { path, polls, isListed }: Looked): Readiness {
  if (isUnfinishedName(path)) return { kind: 'waiting', reason: 'its name says that it is being written' };
  const companion = companionOf(rule, path);
  if (companion !== null) return isListed(companion) ? { kind: 'ready' } : { kind: 'waiting', reason: `no ${rule.kind} beside it yet` };
  if (rule.kind === 'stable' && polls < rule.polls) return { kind: 'waiting', reason: `seen unchanged ${polls} of ${rule.polls} times` };
  return { kind: 'ready' };
}
