import { useQuery } from '@tanstack/react-query';
import { everything, type View } from '../view/view.ts';
import { instantText } from '../view/time-text.ts';
import { useConsole, useReadEvery } from './console-context.tsx';
import { ProblemText } from './problem-text.tsx';
import { StateMark } from './state-mark.tsx';
import { ViewLink } from './use-view.tsx';

/** Every workflow with its last run. */
export function WorkflowList({ view }: { readonly view: View }) {
  const { api } = useConsole();
  const refetchInterval = useReadEvery();
  const { data, error } = useQuery({
    queryKey: ['workflows'],
    queryFn: ({ signal }) => api.read('listWorkflows', { query: { limit: 500 }, signal }),
    refetchInterval,
  });
  return (
    <section className="card">
      <h2>Workflows</h2>
      <ProblemText error={error} />
      <ul className="list">
        <li>
          <ViewLink to={everything} aria-current={view.workflow === null ? 'true' : undefined}>
            All workflows
          </ViewLink>
        </li>
        {data?.items.map(({ workflow, enabled, openRuns, lastRun, nextFireAt }) => (
          <li key={workflow}>
            <ViewLink to={{ ...everything, workflow }} aria-current={view.workflow === workflow ? 'true' : undefined}>
              {workflow}
            </ViewLink>
            <div className="soft">
              {lastRun === null ? 'no run yet' : <StateMark state={lastRun.status} />}
              {openRuns > 0 && `, ${openRuns} open`}
              {!enabled && <div>disabled: schedules start no run</div>}
              {nextFireAt !== null && <div>next {instantText(nextFireAt)} UTC</div>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
