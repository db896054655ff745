import { useQuery } from '@tanstack/react-query';
import type { RunDetail, TaskRun, Why } from '../generated/api-types.ts';
import { listAttempts } from '../tasks/list-attempts.ts';
import { isOver } from '../tasks/state-sign.ts';
import { instantText, shortId, tookText } from '../view/time-text.ts';
import { everything, type View } from '../view/view.ts';
import { useConsole, useNow, useReadEvery } from './console-context.tsx';
import { ProblemText } from './problem-text.tsx';
import { StateMark } from './state-mark.tsx';
import { ViewLink } from './use-view.tsx';

interface PartProps {
  readonly name: string;
  readonly part: TaskRun;
  readonly sentence: string | null;
  readonly nowMs: number;
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A part of the task. Its key may be the name of a file and is not shown: parts are numbers. */
function Part({ name, part, sentence, nowMs }: PartProps) {
  const counts = Object.entries(part.counts);
  return (
    <dl className="facts">
      <Fact name={name}>
        <StateMark state={part.state} />
      </Fact>
      {sentence !== null && <Fact name="Why it waits">{sentence}</Fact>}
      {part.error !== null && (
        <Fact name="Error">
          <strong>{part.error.code}</strong> ({part.error.kind}) {part.error.detail}
        </Fact>
      )}
      {part.health !== null && <Fact name="Stage health">{part.health}</Fact>}
      <Fact name="Attempt">{part.attempt === 0 ? 'none yet' : part.attempt}</Fact>
      <Fact name="Pool, worker">
        {part.pool ?? 'none'}, {part.worker ?? 'none'}
      </Fact>
      <Fact name="Began, took">
        {part.startedAt === null ? 'not yet' : `${instantText(part.startedAt)} UTC, ${tookText(part.startedAt, part.endedAt, nowMs)}`}
      </Fact>
      {counts.length > 0 && <Fact name="Counts">{counts.map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(', ')}</Fact>}
      {part.childRunId !== null && (
        <Fact name="Started run">
          <ViewLink to={{ ...everything, runId: part.childRunId }}>{shortId(part.childRunId)}</ViewLink>
        </Fact>
      )}
    </dl>
  );
}

function Attempts({ runId, task }: { readonly runId: string; readonly task: string }) {
  const { api } = useConsole();
  const refetchInterval = useReadEvery();
  const { data, error } = useQuery({
    queryKey: ['events', runId],
    queryFn: ({ signal }) => api.read('listEvents', { params: { runId }, query: { limit: 500 }, signal }),
    refetchInterval,
  });
  const attempts = listAttempts(data?.items ?? [], task);
  return (
    <>
      <h3>Attempts</h3>
      <ProblemText error={error} />
      {attempts.length === 0 && <p className="soft">No worker has begun it.</p>}
      <ul className="list">
        {attempts.map(({ part, epoch, attempt, worker, startedAt, endedAt, outcome, errorCode }) => (
          <li key={`${part}/${epoch}`}>
            <StateMark state={outcome} /> part {part}, attempt {attempt}
            {errorCode !== null && `: ${errorCode}`}
            <div className="soft">
              {instantText(startedAt)} to {instantText(endedAt)} UTC{worker !== null && ` on ${worker}`}
            </div>
          </li>
        ))}
      </ul>
      {data?.next != null && <p className="soft">Of the run’s first 500 events; all: vigil workflows logs.</p>}
    </>
  );
}

export interface TaskPanelProps {
  readonly run: RunDetail;
  readonly view: View;
  readonly task: string;
  readonly why: Why | undefined;
}

/** The task that is picked: its parts, why they wait, what went wrong, every attempt. */
export function TaskPanel({ run, view, task, why }: TaskPanelProps) {
  const parts = run.tasks.filter((part) => part.task === task);
  const nowMs = useNow(parts.some(({ state }) => !isOver(state)));
  const sentenceOf = (number: number): string | null =>
    why?.waiting.find((waiting) => waiting.task === task && waiting.part === number)?.sentence ?? null;
  return (
    <section className="card" aria-label={`Task ${task}`}>
      <h3>{task}</h3>
      <p>
        <ViewLink to={{ ...view, task: null }}>Close</ViewLink>
      </p>
      {parts.length === 0 && <p>The run has no such task.</p>}
      {parts.map((part) => (
        <Part
          key={part.part}
          name={parts.length === 1 ? 'State' : `Part ${part.part}`}
          part={part}
          sentence={sentenceOf(part.part)}
          nowMs={nowMs}
        />
      ))}
      <Attempts runId={run.runId} task={task} />
    </section>
  );
}
