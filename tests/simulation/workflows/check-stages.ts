import type { RunRow } from './run-rows.ts';
import type { RunViolation } from './run-violation.ts';
import type { RunWorld } from './run-world.ts';

const wasCancelled = ({ history }: RunRow): boolean => history.some(({ input, isIgnored }) => input.kind === 'cancel' && !isIgnored);

/** What a stage of a run that goes on lacks to be up; null = it is, or it was cancelled. */
function lackOf(run: RunRow, name: string, world: RunWorld): string | null {
  const task = run.state?.tasks[name];
  // A run that was cancelled and begun again from the middle goes on without what stays cancelled, and what waits for that.
  if (wasCancelled(run) && (task?.status === 'cancelled' || task?.status === 'skipped')) return null;
  if (task?.status !== 'active') return `is ${task?.status}`;
  const down = task.parts.find((part) => part.status !== 'running' || !world.isAtWork({ runId: run.runId, task: name, ...part }));
  return down ? `has part ${down.part} ${down.status}, and nobody at work on it` : null;
}

/** Once nothing goes wrong any more, every stage of a continuous run is at work; the run goes on unless it was cancelled. */
export function checkStages(world: RunWorld): RunViolation[] {
  const found: RunViolation[] = [];
  for (const run of world.database.runs.values()) {
    if (!run.plan.continuous) continue;
    if (run.state?.endedAtMs !== null) {
      if (!wasCancelled(run)) found.push({ invariant: 'W8', detail: `${run.runId} ended by itself: ${run.state?.status}` });
      continue;
    }
    for (const { name } of run.plan.tasks) {
      const lack = lackOf(run, name, world);
      if (lack !== null) found.push({ invariant: 'W8', detail: `${run.runId}: ${name} ${lack}` });
    }
  }
  return found;
}
