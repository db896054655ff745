import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { RunDetail } from '../generated/api-types.ts';
import { isOver } from '../tasks/state-sign.ts';
import { instantText, shortId, tookText } from '../view/time-text.ts';
import { everything, type View } from '../view/view.ts';
import { useConsole, useNow, useReadEvery } from './console-context.tsx';
import { ProblemText } from './problem-text.tsx';
import { RunTimeline } from './run-timeline.tsx';
import { StateMark } from './state-mark.tsx';
import { TaskPanel } from './task-panel.tsx';
import { TaskTable } from './task-table.tsx';
import { ViewLink } from './use-view.tsx';

const RunGraph = lazy(() => import('./run-graph.tsx'));

function RunFacts({ run, view, sentence }: { readonly run: RunDetail; readonly view: View; readonly sentence: string | null }) {
  const nowMs = useNow(!isOver(run.status));
  return (
    <dl className="facts">
      <dt>Status</dt>
      <dd>
        <StateMark state={run.status} />
      </dd>
      {sentence !== null && (
        <>
          <dt>Why it waits</dt>
          <dd>{sentence}</dd>
        </>
      )}
      {run.reason !== null && (
        <>
          <dt>Reason</dt>
          <dd>{run.reason}</dd>
        </>
      )}
      <dt>Workflow</dt>
      <dd>
        <ViewLink to={{ ...everything, workflow: run.workflow }}>{run.workflow}</ViewLink>, version {run.version}
      </dd>
      <dt>Started by</dt>
      <dd>
        {run.trigger}
        {run.parentRunId !== null && (
          <>
            {' of '}
            <ViewLink to={{ ...view, runId: run.parentRunId, task: run.parentTask }}>run {shortId(run.parentRunId)}</ViewLink>
          </>
        )}
      </dd>
      {run.scheduledFor !== null && (
        <>
          <dt>Scheduled for</dt>
          <dd>{instantText(run.scheduledFor)} UTC</dd>
        </>
      )}
      <dt>Began, took</dt>
      <dd>
        {instantText(run.startedAt)} UTC, {tookText(run.startedAt, run.endedAt, nowMs)}
      </dd>
      <dt>Batch</dt>
      <dd>
        <code>{run.batchId}</code>
      </dd>
    </dl>
  );
}

/** One run: what it is, its tasks as graph or over time, and the task that is picked. */
export function RunPage({ view, runId }: { readonly view: View; readonly runId: string }) {
  const { api } = useConsole();
  const refetchInterval = useReadEvery();
  const params = { runId };
  const { data: run, error } = useQuery({
    queryKey: ['run', runId],
    queryFn: ({ signal }) => api.read('showRun', { params, signal }),
    refetchInterval,
  });
  const { data: why } = useQuery({
    queryKey: ['why', runId],
    queryFn: ({ signal }) => api.read('explainRun', { params, signal }),
    refetchInterval,
  });
  if (run === undefined) {
    return (
      <section className="card">
        <h2>Run {shortId(runId)}</h2>
        {error === null ? <p className="soft">Reading …</p> : <ProblemText error={error} />}
      </section>
    );
  }
  const tabLink = (tab: View['tab'], text: string) => (
    <ViewLink to={{ ...view, tab }} aria-current={view.tab === tab ? 'true' : undefined}>
      {text}
    </ViewLink>
  );
  return (
    <>
      <title>{`${run.workflow} ${shortId(runId)} · Vigil console`}</title>
      <p>
        <ViewLink to={{ ...view, runId: null, task: null }}>Back to the runs</ViewLink>
      </p>
      <section className="card">
        <h2>
          Run <code>{shortId(runId)}</code> of {run.workflow}
        </h2>
        <RunFacts run={run} view={view} sentence={why?.sentence ?? null} />
      </section>
      <div className="split">
        <section className="card" aria-label="Tasks">
          <h3>Tasks</h3>
          <div className="tabs">
            {tabLink('graph', 'Graph')}
            {tabLink('timeline', 'Timeline')}
          </div>
          {view.tab === 'graph' ? (
            <Suspense fallback={<p className="soft">Drawing …</p>}>
              <RunGraph run={run} view={view} />
            </Suspense>
          ) : (
            <RunTimeline run={run} view={view} />
          )}
          <TaskTable run={run} view={view} />
        </section>
        {view.task !== null && <TaskPanel run={run} view={view} task={view.task} why={why} />}
      </div>
    </>
  );
}
