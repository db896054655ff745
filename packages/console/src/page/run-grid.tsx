import { useQueries, useQuery } from '@tanstack/react-query';
import { layoutGrid, type GridColumn } from '../tasks/layout-grid.ts';
import { summaryText, type TaskSummary } from '../tasks/summarise-tasks.ts';
import { instantText, shortId } from '../view/time-text.ts';
import type { View } from '../view/view.ts';
import { useConsole, useReadEvery } from './console-context.tsx';
import { StateMark, StateShape } from './state-mark.tsx';
import { signOf } from '../tasks/state-sign.ts';
import { ViewLink } from './use-view.tsx';

/** Columns of the grid. */
const lastRuns = 12;

interface CellProps {
  readonly summary: TaskSummary | null;
  readonly column: GridColumn;
  readonly view: View;
}

function Cell({ summary, column, view }: CellProps) {
  if (summary === null) return <td className="soft">–</td>;
  const name = `${summary.task}, run ${shortId(column.runId)}: ${summaryText(summary)}`;
  return (
    <td>
      <ViewLink
        to={{ ...view, runId: column.runId, task: summary.task }}
        className={`sign ${signOf(summary.state).tone}`}
        aria-label={name}
        title={name}
      >
        <StateShape state={summary.state} />
      </ViewLink>
    </td>
  );
}

/** Tasks of a workflow × its last runs. */
export function RunGrid({ workflow, view }: { readonly workflow: string; readonly view: View }) {
  const { api } = useConsole();
  const refetchInterval = useReadEvery();
  const list = useQuery({
    queryKey: ['runs', workflow, null, null, lastRuns],
    queryFn: ({ signal }) => api.read('listRuns', { query: { workflow, limit: lastRuns }, signal }),
    refetchInterval,
  });
  const details = useQueries({
    queries: (list.data?.items ?? []).map(({ runId }) => ({
      queryKey: ['run', runId],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.read('showRun', { params: { runId }, signal }),
      refetchInterval,
    })),
  });
  const { columns, rows } = layoutGrid(details.flatMap(({ data }) => (data === undefined ? [] : [data])));
  const states = [...new Set(rows.flatMap(({ cells }) => cells.flatMap((cell) => (cell === null ? [] : [cell.state]))))];
  if (columns.length === 0) return null;
  return (
    <section className="card">
      <h2>Last runs, task by task</h2>
      <div className="scroll" role="region" aria-label="Tasks of the last runs" tabIndex={0}>
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">Task</th>
              {columns.map(({ runId, status, createdAt }) => (
                <th key={runId} scope="col">
                  <ViewLink
                    to={{ ...view, runId, task: null }}
                    className={`sign ${signOf(status).tone}`}
                    title={`${signOf(status).text}, made ${instantText(createdAt)} UTC`}
                  >
                    <StateShape state={status} />
                    <code>{runId.slice(0, 4)}</code>
                    <span className="unseen">run, {signOf(status).text}</span>
                  </ViewLink>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ task, cells }) => (
              <tr key={task}>
                <th scope="row">{task}</th>
                {columns.map((column, index) => (
                  <Cell key={column.runId} summary={cells[index] ?? null} column={column} view={view} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="legend">
        {states.map((state) => (
          <StateMark key={state} state={state} />
        ))}
      </p>
    </section>
  );
}
