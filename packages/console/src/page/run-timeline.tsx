import type { RunDetail } from '../generated/api-types.ts';
import { layoutTimeline, type TimelineRow } from '../tasks/layout-timeline.ts';
import { isOver, signOf } from '../tasks/state-sign.ts';
import { durationText, instantText } from '../view/time-text.ts';
import type { View } from '../view/view.ts';
import { useNow } from './console-context.tsx';
import { ViewLink } from './use-view.tsx';

const rowHeight = 26;
const head = 24;

/** Percent of the width: names stand left of the time. */
const [namesUntil, timeWidth] = [28, 70];
const lengthOf = (share: number): string => `${share * timeWidth}%`;
const xOf = (share: number): string => `${namesUntil + share * timeWidth}%`;

function Bar({ row, y, view }: { readonly row: TimelineRow; readonly y: number; readonly view: View }) {
  const { task, part, state, queued, worked, workedMs } = row;
  const name = part === 0 ? task : `${task} #${part}`;
  const text = `${name}: ${signOf(state).text}${workedMs === null ? '' : `, ${durationText(workedMs)}`}`;
  return (
    <g className={signOf(state).tone}>
      <ViewLink to={{ ...view, task }} aria-label={text}>
        <text x={0} y={y + 16} textDecoration="underline">
          {name.length > 24 ? `${name.slice(0, 23)}…` : name}
        </text>
      </ViewLink>
      <title>{text}</title>
      {queued && <rect className="queued" x={xOf(queued.from)} y={y + 8} width={lengthOf(queued.until - queued.from)} height={8} />}
      {worked && (
        <rect className="worked" x={xOf(worked.from)} y={y + 4} width={lengthOf(Math.max(0.004, worked.until - worked.from))} height={16} />
      )}
    </g>
  );
}

/** The tasks of a run over time: a dashed frame while a part waits for a worker, a bar while it works. */
export function RunTimeline({ run, view }: { readonly run: RunDetail; readonly view: View }) {
  const nowMs = useNow(!isOver(run.status));
  const { rows, ticks, fromMs } = layoutTimeline(run.tasks, nowMs);
  const height = head + rows.length * rowHeight + 4;
  return (
    <>
      <p className="soft">
        From {instantText(new Date(fromMs).toISOString())} UTC. Dashed: waits for a worker; full: works. States stand in the table below.
      </p>
      <div className="scroll" role="region" aria-label="Timeline" tabIndex={0}>
        <svg className="timeline" height={height} role="group" aria-label="Tasks over time">
          {ticks.map(({ at, text }) => (
            <g key={text}>
              <line className="rule" x1={xOf(at)} x2={xOf(at)} y1={head - 6} y2={height} />
              {at < 0.92 && (
                <text className="mark" x={xOf(at)} dx={3} y={head - 10}>
                  {text}
                </text>
              )}
            </g>
          ))}
          {rows.map((row, index) => (
            <Bar key={`${row.task}/${row.part}`} row={row} y={head + index * rowHeight} view={view} />
          ))}
        </svg>
      </div>
    </>
  );
}
