import { parseArgs } from 'node:util';
import { workflowPools, type WorkflowPool } from '@vigil/contracts';
import { VigilError } from '@vigil/core';

const isPool = (name: string): name is WorkflowPool => (workflowPools as readonly string[]).includes(name);

/**
 * Pools of `--pool P` or `--pool P,Q`.
 * @throws VigilError BAD_USAGE that lists the pools there are
 */
export function parsePools(args: readonly string[]): readonly WorkflowPool[] {
  const usage = (): VigilError => new VigilError('BAD_USAGE', { detail: `worker --pool P[,Q]; pools are ${workflowPools.join(', ')}.` });
  let names: readonly string[];
  try {
    names = parseArgs({ args: [...args], options: { pool: { type: 'string' } } }).values.pool?.split(',') ?? [];
  } catch {
    throw usage();
  }
  if (names.length === 0 || !names.every(isPool)) throw usage();
  return [...new Set(names)];
}
