import type { RunDetail } from '../generated/api-types.ts';
import { summariseTasks, type TaskSummary } from './summarise-tasks.ts';

export interface GridColumn {
  readonly runId: string;
  readonly status: RunDetail['status'];
  readonly createdAt: string;
}

export interface Grid {
  /** Oldest first. */
  readonly columns: readonly GridColumn[];
  /** A cell for each column; null where the run has no such task. */
  readonly rows: readonly { readonly task: string; readonly cells: readonly (TaskSummary | null)[] }[];
}

/** Tasks × runs. Rows as the newest run orders its tasks, behind them those that only older runs have. @param runs  newest first */
export function layoutGrid(runs: readonly RunDetail[]): Grid {
  const summaries = runs.map(({ tasks }) => new Map(summariseTasks(tasks).map((summary) => [summary.task, summary])));
  const names = new Set(summaries.flatMap((tasks) => [...tasks.keys()]));
  const oldestFirst = summaries.toReversed();
  return {
    columns: runs.map(({ runId, status, createdAt }) => ({ runId, status, createdAt })).reverse(),
    rows: [...names].map((task) => ({ task, cells: oldestFirst.map((tasks) => tasks.get(task) ?? null) })),
  };
}
