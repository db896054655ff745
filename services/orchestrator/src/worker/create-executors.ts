import type { ExecutorDeps } from './executor-deps.ts';
import type { FindExecutor } from './executor.ts';
import { createFileExecutors } from './executors/files/create-file-executors.ts';
import { createReportExecutors } from './executors/reports/create-report-executors.ts';
import { createTableExecutors } from './executors/tables/create-table-executors.ts';
import { createStageExecutors } from './stages/create-stage-executors.ts';

/** One entry per kind of task, asked in this order; each is a `createXExecutors(deps): FindExecutor` in a folder of its own. */
const kinds: readonly ((deps: ExecutorDeps) => FindExecutor)[] = [
  createFileExecutors,
  createTableExecutors,
  createStageExecutors,
  createReportExecutors,
];

/** All executors there are. */
export function createExecutors(deps: ExecutorDeps): FindExecutor {
  const finders = kinds.map((create) => create(deps));
  return (task) => {
    for (const find of finders) {
      const executor = find(task);
      if (executor) return executor;
    }
    return undefined;
  };
}
