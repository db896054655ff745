import { replayRun } from '@vigil/workflows';
import { partName } from './messages.ts';
import type { RunWorld } from './run-world.ts';

export type RunInvariant =
  /** Every run ends once the faults do. */
  | 'W1'
  /** What is written outside is written once for an epoch, by epochs that grow, last by the one that the run believes. */
  | 'W2'
  /** No slot, lease, timer, question or message is left over. */
  | 'W3'
  /** The history gives the state again; no state breaks a rule of runs. */
  | 'W4'
  /** No attempt runs twice at once. */
  | 'W5'
  /** The run ends as it would have without the fault. */
  | 'W6';

export interface RunViolation {
  readonly invariant: RunInvariant;
  readonly detail: string;
}

function* unwritten({ database, written }: RunWorld): Generator<RunViolation> {
  const last = new Map<string, number>();
  for (const each of written) {
    const name = partName(each);
    if ((last.get(name) ?? 0) >= each.epoch)
      yield { invariant: 'W2', detail: `${name} was written by epoch ${each.epoch} after ${last.get(name)}` };
    last.set(name, each.epoch);
  }
  for (const { runId, plan, state } of database.runs.values()) {
    for (const { name, pool } of plan.tasks) {
      const task = state?.tasks[name];
      if (pool === null || task?.status !== 'succeeded') continue;
      for (const { part, epoch } of task.parts) {
        const place = partName({ runId, task: name, part });
        if (last.get(place) !== epoch)
          yield { invariant: 'W2', detail: `${place} succeeded in epoch ${epoch}, written by ${last.get(place)}` };
      }
    }
  }
}

function* leftOver({ database }: RunWorld): Generator<RunViolation> {
  const { parts, slotEpochs, timers, approvals, outbox } = database;
  const rest = {
    parts: [...parts.keys()],
    slots: [...slotEpochs.keys()],
    timers: [...timers.keys()],
    approvals: [...approvals.keys()],
    outbox,
  };
  for (const [what, names] of Object.entries(rest)) {
    if (names.length > 0) yield { invariant: 'W3', detail: `${what}: ${JSON.stringify(names)}` };
  }
}

/** What must hold once every run has ended. */
export function checkRuns(world: RunWorld): RunViolation[] {
  const { database, doubled } = world;
  const open = [...database.runs.values()].filter(({ state }) => state?.endedAtMs === null);
  if (open.length > 0) return open.map(({ runId, state }) => ({ invariant: 'W1', detail: `${runId} is ${state?.status}` }));
  const changed = [...database.runs.values()].filter(
    ({ plan, history, state }) => JSON.stringify(replayRun(history.map((input) => ({ plan, input })))) !== JSON.stringify(state),
  );
  return [
    ...unwritten(world),
    ...leftOver(world),
    ...database.problems.map((detail): RunViolation => ({ invariant: 'W4', detail })),
    ...changed.map(({ runId }): RunViolation => ({ invariant: 'W4', detail: `the history of ${runId} gives another state` })),
    ...doubled.map((detail): RunViolation => ({ invariant: 'W5', detail })),
  ];
}
