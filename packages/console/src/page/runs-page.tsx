import { useQuery } from '@tanstack/react-query';
import type { ApiQueries, Run } from '../generated/api-types.ts';
import { isOver } from '../tasks/state-sign.ts';
import { instantText, shortId, tookText } from '../view/time-text.ts';
import { everything, statusFilters, triggerFilters, type View } from '../view/view.ts';
import { useConsole, useNow, useReadEvery } from './console-context.tsx';
import { ProblemText } from './problem-text.tsx';
import { RunGrid } from './run-grid.tsx';
import { StateMark } from './state-mark.tsx';
import { showView, ViewLink } from './use-view.tsx';

interface FilterProps {
  readonly name: string;
  readonly value: string | null;
  readonly values: readonly string[];
  readonly pick: (value: string | null) => void;
}

function Filter({ name, value, values, pick }: FilterProps) {
  return (
    <label>
      {name}
      <select value={value ?? ''} onChange={({ target }) => pick(target.value === '' ? null : target.value)}>
        <option value="">any</option>
        {values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}

function RunRow({ run, nowMs, view }: { readonly run: Run; readonly nowMs: number; readonly view: View }) {
  return (
    <tr>
      <td>
        <StateMark state={run.status} />
      </td>
      <th scope="row">
        <ViewLink to={{ ...view, runId: run.runId, task: null }}>
          <code>{shortId(run.runId)}</code>
        </ViewLink>
      </th>
      <td>{run.workflow}</td>
      <td>{run.trigger}</td>
      <td>{instantText(run.scheduledFor)}</td>
      <td>{instantText(run.startedAt)}</td>
      <td>{tookText(run.startedAt, run.endedAt, nowMs)}</td>
      <td>{run.reason ?? ''}</td>
    </tr>
  );
}

/** The latest runs, narrowed by what the address says; of one workflow also task by task. */
export function RunsPage({ view }: { readonly view: View }) {
  const { api } = useConsole();
  const { workflow, status, trigger } = view;
  const query = { workflow, status, trigger, limit: 50 } as ApiQueries['listRuns'];
  const refetchInterval = useReadEvery();
  const { data, error, isPending } = useQuery({
    queryKey: ['runs', workflow, status, trigger],
    queryFn: ({ signal }) => api.read('listRuns', { query, signal }),
    refetchInterval,
  });
  const items = data?.items ?? [];
  const nowMs = useNow(items.some((run) => !isOver(run.status)));
  return (
    <>
      <title>{`${workflow ?? 'Runs'} · Vigil console`}</title>
      {workflow !== null && <RunGrid workflow={workflow} view={view} />}
      <section className="card">
        <h2>{workflow === null ? 'Runs' : `Runs of ${workflow}`}</h2>
        <div className="filters">
          <Filter name="Status" value={status} values={statusFilters} pick={(picked) => showView({ ...view, status: picked })} />
          <Filter name="Trigger" value={trigger} values={triggerFilters} pick={(picked) => showView({ ...view, trigger: picked })} />
        </div>
        <ProblemText error={error} />
        <div className="scroll" role="region" aria-label="Table of runs" tabIndex={0}>
          <table className="wide">
            <thead>
              <tr>
                {['Status', 'Run', 'Workflow', 'Trigger', 'Scheduled for (UTC)', 'Began (UTC)', 'Took', 'Reason'].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((run) => (
                <RunRow key={run.runId} run={run} nowMs={nowMs} view={view} />
              ))}
            </tbody>
          </table>
        </div>
        {isPending && <p className="soft">Reading …</p>}
        {data !== undefined && items.length === 0 && <p>No run is like this.</p>}
        {data?.next != null && <p className="soft">The latest 50 are shown; narrow them, or list them with vigil workflows runs.</p>}
        {(status ?? trigger) !== null && (
          <p>
            <ViewLink to={{ ...everything, workflow }}>Show all</ViewLink>
          </p>
        )}
      </section>
    </>
  );
}
