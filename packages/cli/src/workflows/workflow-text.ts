import { textTable } from '../demo/text-table.ts';
import type { ShownBackfill, ShownDetail, ShownEvent, ShownPool, ShownRun, ShownTask, ShownWhy, ShownWorkflow, TreeRun } from './shown.ts';

/** Milliseconds of a run or task; null while it has not ended. */
function tookOf({ startedAt, endedAt }: { readonly startedAt: string | null; readonly endedAt: string | null }): string {
  if (startedAt === null || endedAt === null) return '';
  const ms = Date.parse(endedAt) - Date.parse(startedAt);
  return ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

export const workflowsText = (workflows: readonly ShownWorkflow[]): string =>
  textTable(
    workflows.map(({ workflow, version, enabled, openRuns, lastRun, nextFireAt }) => ({
      workflow,
      version,
      enabled,
      open: openRuns,
      last: lastRun?.status ?? null,
      next: nextFireAt,
    })),
  );

/** A workflow with its tasks, versions and schedules. */
export const workflowText = ({ workflow, version, enabled, description, tasks, versions, schedules }: ShownDetail): string =>
  [
    `${workflow}, version ${version}${enabled ? '' : ', disabled'}${description === '' ? '' : `: ${description}`}`,
    textTable(tasks.map(({ name, type, pool, dependsOn }) => ({ task: name, type, pool, after: dependsOn.join(', ') }))),
    textTable(schedules.map(({ scheduleId, kind, enabled, nextFireAt }) => ({ schedule: scheduleId, kind, enabled, next: nextFireAt }))),
    textTable(versions.map(({ version, deployedAt, deployedBy }) => ({ version, deployed: deployedAt, by: deployedBy }))),
  ].join('\n');

export const runsText = (runs: readonly ShownRun[]): string =>
  textTable(
    runs.map((run) => ({
      run: run.runId,
      workflow: `${run.workflow}@${run.version}`,
      status: run.status,
      trigger: run.trigger,
      for: run.scheduledFor,
      created: run.createdAt,
      took: tookOf(run),
    })),
  );

function taskLine(task: ShownTask): string {
  const name = task.partKey === '' && task.part === 0 ? task.task : `${task.task}[${task.partKey === '' ? task.part : task.partKey}]`;
  const facts = [
    task.attempt > 1 ? `attempt ${task.attempt}` : '',
    tookOf(task),
    task.health ?? '',
    countsText(task.counts),
    task.error === null ? '' : `${task.error.code}: ${task.error.detail}`,
  ];
  return [name, task.state, ...facts].filter((fact) => fact !== '').join('  ');
}

function lastLines(lines: readonly string[]): string[] {
  return lines.map((line, at) => `${at === lines.length - 1 ? '└─' : '├─'} ${line}`);
}

/** A run with its tasks, and below it the runs that it started with theirs. */
export const treeText = (runs: readonly TreeRun[]): string =>
  runs
    .flatMap((run) => {
      const head = [`${run.workflow}@${run.version}`, run.status, run.runId, tookOf(run), run.reason ?? '']
        .filter((fact) => fact !== '')
        .join('  ');
      return [head, ...lastLines(run.tasks.map(taskLine))].map((line) => `${'   '.repeat(run.depth)}${line}`);
    })
    .join('\n');

/** What an input may tell; every kind has some of it. */
interface InputFacts {
  readonly task?: string;
  readonly part?: number;
  readonly attempt?: number;
  readonly worker?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly timer?: object;
}

function eventLine({ seq, at, kind, input, ignored }: ShownEvent): string {
  const { task, part = 0, attempt, worker, by, reason = '', error, timer } = input as InputFacts;
  const facts = [
    task === undefined ? '' : `${task}${part === 0 ? '' : `[${part}]`}`,
    attempt === undefined ? '' : `attempt ${attempt}`,
    worker === undefined ? '' : `on ${worker}`,
    by === undefined ? '' : `by ${by}`,
    reason,
    error === undefined ? '' : `${error.code}: ${error.detail}`,
    timer === undefined ? '' : JSON.stringify(timer),
    ignored === null ? '' : `(changed nothing: ${ignored})`,
  ];
  return [String(seq).padStart(5), at, kind, ...facts].filter((fact) => fact !== '').join('  ');
}

/** The history of a run, a line per input. */
export const eventsText = (events: readonly ShownEvent[]): string => events.map(eventLine).join('\n');

/** One sentence a line. */
export function whyText({ status, sentence, waiting }: ShownWhy): string {
  const sentences = [...(sentence === null ? [] : [sentence]), ...waiting.map((task) => task.sentence)];
  return sentences.join('\n') || `Nothing waits: the run is ${status}.`;
}

const partStates = ['waiting', 'started', 'succeeded', 'failed', 'cancelled'] as const;

export function backfillText({ backfillId, workflow, from, until, atOnce, state, parts, partitions = [] }: ShownBackfill): string {
  const head = `${backfillId}  ${workflow}  ${state}  ${from} to ${until}, ${atOnce} at once: ${partStates.map((name) => `${name} ${parts[name]}`).join(', ')}`;
  return partitions.length === 0
    ? head
    : `${head}\n${textTable(partitions.map(({ scheduledFor, state, runId }) => ({ for: scheduledFor, state, run: runId })))}`;
}

export const poolsText = (pools: readonly ShownPool[]): string =>
  pools
    .map(({ pool, capacity, taken, queued, holders }) =>
      [
        `${pool}: ${taken.slots} of ${capacity.slots} slots, cpu ${taken.cpu} of ${capacity.cpu}, memory ${taken.memoryMiB} of ${capacity.memoryMiB} MiB, io ${taken.io} of ${capacity.io}; ${queued} queued`,
        ...holders.map(({ workflow, task, runId, slots }) => `  ${workflow}/${task} of run ${runId}: ${slots}`),
      ].join('\n'),
    )
    .join('\n');
