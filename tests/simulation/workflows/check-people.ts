import type { HistoryEntry, RunRow } from './run-rows.ts';
import type { RunViolation } from './run-violation.ts';
import type { RunWorld } from './run-world.ts';

const counts = ({ isIgnored }: HistoryEntry): boolean => !isIgnored;

/** A run that is stopped asks nobody anything: what it still gets done stands as it is. */
const wasStopped = (history: readonly HistoryEntry[]): boolean =>
  history.some(({ input }) => input.kind === 'cancel' || (input.kind === 'timer' && input.timer.kind === 'run'));

/** Whether the task's present result asked for a person and nobody let it pass since. By the words of the workers, not by the state. */
function passedUnseen({ history: all, state }: RunRow, name: string): boolean {
  const history = all.filter(counts);
  const asked = history.findLastIndex(({ input }) => {
    if (input.kind !== 'succeeded' || input.task !== name || input.result.values['hold'] === undefined) return false;
    return state?.tasks[name]?.parts[input.part]?.epoch === input.epoch;
  });
  if (asked < 0 || wasStopped(history)) return false;
  return !history.slice(asked).some(({ input }) => input.kind === 'approved' && input.task === name);
}

/** Tasks that succeeded by a result that a person should have looked at, and none did. */
export function* unseenByPeople({ database }: RunWorld): Generator<RunViolation> {
  for (const run of database.runs.values()) {
    if (run.plan.continuous) continue;
    for (const { name } of run.plan.tasks) {
      if (run.state?.tasks[name]?.status !== 'succeeded' || !passedUnseen(run, name)) continue;
      yield { invariant: 'W10', detail: `${run.runId}: nobody let ${name} pass` };
    }
  }
}
