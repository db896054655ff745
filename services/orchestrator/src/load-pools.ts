import { join } from 'node:path';
import { loadDefinition, poolsSchema } from '@vigil/definitions';
import type { PoolConfig } from './domain/runs/choose-parts.ts';

const ownDirectory = join(import.meta.dirname, '../../../workflows');

/**
 * How much may run at once in each pool: `pools.yaml` of the workflows.
 *
 * @param directory  undefined = `workflows/` of the repository
 * @throws VigilError BAD_DEFINITION with line and column
 */
export function loadPools(directory: string | undefined): readonly PoolConfig[] {
  const { pools } = loadDefinition(join(directory ?? ownDirectory, 'pools.yaml'), poolsSchema);
  return Object.entries(pools).map(([pool, { slots, cpu, memory, io }]) => ({ pool, slots, cpu, memoryMiB: memory, io }));
}
