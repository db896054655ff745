import { z } from 'zod';
import { sizeMiBSchema } from '../size.ts';
import { poolNames } from '../workflow/task-options.ts';

const poolSchema = z.strictObject({
  slots: z.int().min(1).max(100_000).meta({ description: 'Attempts of weight 1 at once, over all workers of the pool.' }),
  cpu: z.number().positive().meta({ description: 'Processors that tasks may claim.' }),
  memory: sizeMiBSchema.meta({ description: 'Memory that tasks may claim.' }),
  io: z.number().positive().meta({ description: 'I/O that tasks may claim, in a unit of your choice.' }),
});

/** `workflows/pools.yaml`: how much may run at once; every pool of workers stands there. */
export const poolsSchema = z.strictObject({
  pools: z.strictObject(
    Object.fromEntries(poolNames.map((name) => [name, poolSchema])) as Record<(typeof poolNames)[number], typeof poolSchema>,
  ),
});

export type PoolsFile = z.infer<typeof poolsSchema>;
