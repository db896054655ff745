import { VigilError } from '@vigil/core';

export const targetNames = ['warehouse', 'operational', 'lake', 'archive'] as const;

/** Where a loader writes to; each is deployed by itself, with its own group and rights. */
export type TargetName = (typeof targetNames)[number];

const isTarget = (name: string | undefined): name is TargetName => (targetNames as readonly (string | undefined)[]).includes(name);

/**
 * Reads `--target NAME`.
 *
 * @throws VigilError BAD_USAGE
 */
export function parseTarget(argv: readonly string[]): TargetName {
  const [flag, name, ...rest] = argv;
  if (flag === '--target' && isTarget(name) && rest.length === 0) return name;
  throw new VigilError('BAD_USAGE', { detail: `Call it with --target ${targetNames.join('|')}.` });
}
