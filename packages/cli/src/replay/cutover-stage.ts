import { setTimeout as sleep } from 'node:timers/promises';
import { retryTopicOf } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { adoptedTasks } from '@vigil/kafka';
import type { ReplayJob } from '@vigil/postgres';
import { catchUp, type CatchUpOptions } from './catch-up.ts';
import type { StagePlan } from './plan-stage.ts';
import { removeRun } from './remove-run.ts';
import { replayableStage } from './replayable-stages.ts';
import { plannedEnds } from './run-stage.ts';
import type { ReplayTools } from './with-replay.ts';

export interface CutoverOptions extends CatchUpOptions {
  /** Whether an episode that only the run has open pages at once. */
  readonly pages: boolean;
}

const pollMs = 250;

/** What the program of the stage is started with, to put the run's state into the place of the live stage's. */
export function cutoverEnvironment({ name, jobId, plan }: ReplayJob, pages: boolean): Record<string, string> {
  const { settings, beginsAtMs } = plan as unknown as StagePlan;
  return {
    ...settings,
    VIGIL_CUTOVER_RUN: jobId,
    VIGIL_CUTOVER_PAGES: String(pages),
    ...(beginsAtMs !== null && { VIGIL_CUTOVER_WHOLE_FROM_MS: String(beginsAtMs + replayableStage(name).settleMs) }),
  };
}

function refuseState({ kind, name, state, plan }: ReplayJob): void {
  if (kind === 'sink') {
    throw new VigilError('REPLAY_UNSUPPORTED', { detail: 'A sink is replayed in place: its rows are already the new ones.' });
  }
  if (!replayableStage(name).takesOver) {
    throw new VigilError('REPLAY_UNSUPPORTED', { detail: `A run of ${name} shows what would be different; it cannot take over.` });
  }
  const { scope } = plan as unknown as StagePlan;
  if (scope.key !== null)
    throw new VigilError('REPLAY_UNSUPPORTED', { detail: 'A run of one key has the state of one patient: plan one of all.' });
  if (state === 'done' || state === 'cutting-over' || state === 'cut-over') return;
  throw new VigilError('BAD_USAGE', { detail: `The run is ${state}: only a run that is done can take over.` });
}

/** Requeued records went through the live stage alone; what the run began after, it does not lack. */
async function refuseRequeued({ client, maintenance }: ReplayTools, job: ReplayJob): Promise<void> {
  const { beginsAtMs } = job.plan as unknown as StagePlan;
  for (const topic of Object.keys(plannedEnds(job))) {
    const retries = retryTopicOf(topic, job.name);
    const firsts = await maintenance.offsetsAt(retries, beginsAtMs ?? 0);
    const read = await client.admin.committed(job.name, [retries]);
    if (read.every(({ partition, offset }) => (offset ?? 0) <= (firsts[partition] ?? 0))) continue;
    throw new VigilError('CUTOVER_REFUSED', {
      detail: `Of ${retries} the live stage has handled requeued records that the run never saw: plan a run that begins later.`,
    });
  }
}

/** Stopping it is the operator's: what runs it would start it again. */
async function untilStopped(
  { maintenance }: ReplayTools,
  { name }: ReplayJob,
  { progress, nowMs, untilMs }: CutoverOptions,
): Promise<void> {
  for (let told = false; (await maintenance.memberCount(name)) > 0; told = true) {
    if (!told) progress(`the run has caught up: stop ${name} now`);
    if (nowMs() >= untilMs) throw new VigilError('TIMED_OUT', { detail: `${name} still runs: stop it, then vigil replay cutover ID.` });
    await sleep(pollMs);
  }
}

/** Lets the stage's own program adopt the state: it alone knows its rows. */
async function adopt({ client }: ReplayTools, job: ReplayJob, options: CutoverOptions): Promise<void> {
  const { launch, pages, progress, nowMs, untilMs } = options;
  const { name, jobId, parts } = job;
  const { source } = replayableStage(name);
  const left = async (): Promise<number> => parts.length - (await adoptedTasks(client.admin, name, jobId, source.name)).size;
  if ((await left()) === 0) return;
  progress('the state of the run takes the place of the live one');
  const running = launch?.(cutoverEnvironment(job, pages)) ?? null;
  const end: { how: string | null } = { how: null };
  void running?.ended.then((how) => (end.how = how));
  try {
    for (;;) {
      const { how } = end;
      const count = await left();
      if (count === 0) return;
      if (how !== null)
        throw new VigilError('PART_FAILED', {
          detail: `${count} tasks are not cut over; the program ended: ${how}. Its lines stand above.`,
        });
      if (nowMs() >= untilMs)
        throw new VigilError('TIMED_OUT', { detail: `${count} tasks are not cut over. Go on with: vigil replay cutover ID.` });
      await sleep(pollMs);
    }
  } finally {
    await running?.stop();
  }
}

/**
 * Lets a run take the place of the live stage: it reads on to where the live stage stands, the live stage is stopped, the
 * run reads the rest, and its state becomes the live one, a transaction a task. Killed at any moment it is gone on with by
 * calling it again.
 *
 * @throws VigilError CUTOVER_REFUSED, BAD_USAGE, REPLAY_UNSUPPORTED, PART_FAILED, TIMED_OUT
 */
export async function cutOverStage(tools: ReplayTools, job: ReplayJob, options: CutoverOptions): Promise<ReplayJob> {
  refuseState(job);
  if (job.state !== 'cut-over') {
    await refuseRequeued(tools, job);
    await catchUp(tools, job, options);
    await tools.jobs.setState(job.jobId, 'cutting-over');
    await untilStopped(tools, job, options);
    // Requeued meanwhile: nobody is asked to wait for that.
    await refuseRequeued(tools, job);
    // The live stage stands still: nothing to yield to.
    await catchUp(tools, job, { ...options, yieldSeconds: 0 });
    await adopt(tools, job, options);
    await tools.jobs.setState(job.jobId, 'cut-over');
  }
  await removeRun(tools, job);
  return tools.jobs.find(job.jobId);
}
