import type { Clock } from '@vigil/core';
import { hasEnded } from '../workflows/run-options.ts';
import type { ShownRun, TreeRun } from '../workflows/shown.ts';
import { treeText } from '../workflows/workflow-text.ts';
import type { CallVigil } from './call-vigil.ts';

/** What the demo's report says of workflows. */
export interface WorkflowsReport {
  readonly runs: readonly {
    readonly workflow: string;
    readonly status: string;
    /** Null while it has not ended. */
    readonly seconds: number | null;
    readonly tasks: readonly { readonly name: string; readonly status: string; readonly counts: Readonly<Record<string, number>> }[];
  }[];
  /** Files that were loaded. */
  readonly files: number;
}

export interface PlayedWorkflows {
  readonly report: WorkflowsReport;
  /** Runs with their tasks, for people. */
  readonly tree: string;
  /** Batches of claims: the runs that took them. */
  readonly claimBatches: readonly string[];
}

export interface WorkflowPlay {
  readonly call: CallVigil;
  readonly clock: Pick<Clock, 'now'>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly say: (line: string) => void;
  /** Files of claims that were put down after `sinceMs`. */
  readonly claimFiles: number;
  readonly sinceMs: number;
}

const claims = 'claims_processing_workflow';
const research = 'research_analytics_workflow';
const reporting = 'regulatory_reporting_workflow';
/** Longer than the pause before a second attempt, which a busy machine may need. */
const withinMs = 150_000;
const lookEveryMs = 500;

/** Files that were read; those that a task wrote, such as reports, are no input. */
const filesOf = (runs: readonly TreeRun[]): number =>
  runs.flatMap(({ tasks }) => tasks).reduce((sum, { counts }) => sum + (counts['read'] === undefined ? 0 : (counts['files'] ?? 0)), 0);

const treeOf = async (call: CallVigil, runId: string): Promise<readonly TreeRun[]> =>
  (await call<{ readonly runs: readonly TreeRun[] }>(['workflows', 'runs', runId])).runs;

/** Looks until `find` gives something or the time is over. */
async function lookFor<Found>({ clock, sleep }: WorkflowPlay, find: () => Promise<Found | undefined>): Promise<Found | undefined> {
  const untilMs = clock.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== undefined || clock.now() > untilMs) return found;
    await sleep(lookEveryMs);
  }
}

/** Files start runs of their workflow by themselves: those runs, once they have ended and taken every file. */
async function followClaims(play: WorkflowPlay): Promise<readonly TreeRun[]> {
  const { call, claimFiles, sinceMs } = play;
  let last: readonly TreeRun[] = [];
  await lookFor(play, async () => {
    const { runs } = await call<{ readonly runs: readonly ShownRun[] }>(['workflows', 'runs', '--workflow', claims, '--limit', '50']);
    const own = runs.filter(({ createdAt }) => Date.parse(createdAt) >= sinceMs);
    last = (await Promise.all(own.map(({ runId }) => treeOf(call, runId)))).flat();
    const isDone = last.every(({ status }) => hasEnded(status)) && filesOf(last) >= claimFiles;
    const hasFailed = last.some(({ status }) => hasEnded(status) && status !== 'succeeded');
    return isDone || hasFailed ? last : undefined;
  });
  return last.filter((run) => run.status !== 'succeeded' || filesOf([run]) > 0);
}

async function runToEnd({ call }: WorkflowPlay, workflow: string): Promise<readonly TreeRun[]> {
  const { tree } = await call<{ readonly tree: readonly TreeRun[] }>(['workflows', 'run', workflow, '--wait', String(withinMs / 1000)]);
  return tree;
}

/** Reports stand until compliance has approved them: here somebody does at once. */
async function runReports(play: WorkflowPlay): Promise<readonly TreeRun[]> {
  const { call } = play;
  const { run } = await call<{ readonly run: ShownRun }>(['workflows', 'run', reporting]);
  const isHeld = await lookFor(play, async () => {
    const [found] = await treeOf(call, run.runId);
    if (found === undefined || hasEnded(found.status)) return false;
    return found.tasks.some(({ task, state }) => task === 'approve' && state === 'held') || undefined;
  });
  if (isHeld === true) {
    play.say('the regulatory reports are ready; compliance approves them');
    await call(['workflows', 'approve', run.runId, 'approve', '--as', 'compliance', '--reason', 'the demo looked at them']);
  }
  await lookFor(play, async () => hasEnded((await treeOf(call, run.runId))[0]?.status ?? '') || undefined);
  return treeOf(call, run.runId);
}

const secondsOf = ({ createdAt, endedAt }: ShownRun): number | null =>
  endedAt === null ? null : (Date.parse(endedAt) - Date.parse(createdAt)) / 1000;

const reportOf = (runs: readonly TreeRun[]): WorkflowsReport => ({
  runs: runs.map((run) => ({
    workflow: run.workflow,
    status: run.status,
    seconds: secondsOf(run),
    tasks: run.tasks.map(({ task, state, counts }) => ({ name: task, status: state, counts })),
  })),
  files: filesOf(runs),
});

/** The customer's workflows over what was put down: claims as their files arrive, research, and the reports on it. */
export async function playWorkflows(play: WorkflowPlay): Promise<PlayedWorkflows> {
  const [ofClaims, others] = await Promise.all([
    followClaims(play),
    runToEnd(play, research).then(async (tree) => [...tree, ...(await runReports(play))]),
  ]);
  const runs = [...ofClaims, ...others];
  return { report: reportOf(runs), tree: treeText(runs), claimBatches: ofClaims.map(({ runId }) => runId) };
}

/** Why the workflows of a demo are no success. */
export function workflowFailuresOf({ runs, files }: WorkflowsReport, droppedFiles: number): string[] {
  const missing = [claims, research, reporting].filter((name) => !runs.some(({ workflow }) => workflow === name));
  return [
    ...missing.map((name) => `${name} did not run`),
    ...runs.filter(({ status }) => status !== 'succeeded').map(({ workflow, status }) => `${workflow} is ${status}`),
    ...(files === droppedFiles ? [] : [`${droppedFiles} files were put down and ${files} loaded`]),
  ];
}
