import type { Transaction } from '@vigil/postgres';
import type { ProjectedTask } from './task-rows.ts';

/** `hashed` in one text, so that a set can tell. */
const nameOf = ({ pool, workflow, priority }: { pool: string; workflow: string; priority: number }): string =>
  [pool, workflow, priority].join(' ');

const ensureSql = `
  INSERT INTO orchestration.pool_turn (pool, workflow, priority)
  SELECT pool, workflow, priority FROM unnest($1::text[], $2::text[], $3::smallint[]) AS q (pool, workflow, priority)
  ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING`;

/** Makes the queues that parts stand in, where they are new: the dispatcher only looks at queues that it knows. */
export async function ensureQueues(transaction: Transaction, tasks: readonly ProjectedTask[]): Promise<void> {
  const queues = new Map(
    tasks.map(({ workflow, priority, change }) => {
      const queue = { pool: change.planned.pool as string, workflow, priority };
      return [nameOf(queue), queue] as const;
    }),
  );
  if (queues.size === 0) return;
  const rows = [...queues.values()];
  const values = [rows.map(({ pool }) => pool), rows.map(({ workflow }) => workflow), rows.map(({ priority }) => priority)];
  await transaction.query({ name: 'ensure-queues', text: ensureSql, values });
}
