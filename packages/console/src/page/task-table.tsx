import type { RunDetail } from '../generated/api-types.ts';
import { summariseTasks } from '../tasks/summarise-tasks.ts';
import type { View } from '../view/view.ts';
import { StateMark } from './state-mark.tsx';
import { ViewLink } from './use-view.tsx';

/** The same tasks as a table: for reading, and for whoever does not see the graph. */
export function TaskTable({ run, view }: { readonly run: RunDetail; readonly view: View }) {
  return (
    <table className="wide">
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col">State</th>
          <th scope="col">Type</th>
          <th scope="col">Parts over</th>
          <th scope="col">Attempt</th>
        </tr>
      </thead>
      <tbody>
        {summariseTasks(run.tasks).map(({ task, type, state, parts, partsOver, attempt }) => (
          <tr key={task}>
            <th scope="row">
              <ViewLink to={{ ...view, task }} aria-current={view.task === task ? 'true' : undefined}>
                {task}
              </ViewLink>
            </th>
            <td>
              <StateMark state={state} />
            </td>
            <td>{type}</td>
            <td>
              {partsOver} of {parts}
            </td>
            <td>{attempt === 0 ? '–' : attempt}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
