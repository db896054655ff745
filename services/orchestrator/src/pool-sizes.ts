import { workflowPools, type WorkflowPool } from '@vigil/contracts';
import { text } from '@vigil/runtime';

const shape = /^([a-z]+)=(\d{1,5})$/;
const isPool = (name: string): name is WorkflowPool => (workflowPools as readonly string[]).includes(name);

/** Slots by pool: `default=8,batch=4,stream=64`; a pool that is left out has one. */
export const poolSizes = () =>
  text()
    .transform((value) => value.split(',').map((entry) => shape.exec(entry)))
    .refine((entries) => entries.every((entry) => entry !== null && isPool(entry[1] ?? '')), `is not like ${workflowPools.join('=8,')}=8`)
    .transform((entries): Readonly<Record<WorkflowPool, number>> => {
      const given = Object.fromEntries(entries.map((entry) => [entry?.[1], Number(entry?.[2])]));
      return { default: given['default'] ?? 1, batch: given['batch'] ?? 1, stream: given['stream'] ?? 1 };
    })
    .describe('pool=slots,pool=slots…');

/** Without pools.yaml only slots limit: as much CPU and I/O as slots, 64 GiB of memory. */
export const poolConfigs = (sizes: Readonly<Record<WorkflowPool, number>>) =>
  workflowPools.map((pool) => ({ pool, slots: sizes[pool], cpu: sizes[pool], memoryMiB: 65_536, io: sizes[pool] }));
