import type { RunState } from '@vigil/workflows';
import { unseenByPeople } from './check-people.ts';
import { partName } from './messages.ts';
import type { RunRow } from './run-rows.ts';
import type { RunViolation } from './run-violation.ts';
import type { RunWorld } from './run-world.ts';

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

/** The history again, by the same reducer: what is found is what it does, not that it is another. */
function replayed({ history }: RunRow, { variation }: RunWorld): RunState | null {
  let state: RunState | null = null;
  for (const { plan, input } of history) ({ state } = variation.decide(plan, state, input));
  return state;
}

/** Where nothing else goes wrong, cancelling reaches workers and children within this. */
const promptMs = 8000;

/** What holds only where nobody dies and no clock jumps: cancelling is prompt, and nothing is written by a run that has ended. */
export function checkPromptness({ database, written }: RunWorld): RunViolation[] {
  const found: RunViolation[] = [];
  for (const { runId, history, state } of database.runs.values()) {
    if (!state || state.endedAtMs === null) continue;
    const { endedAtMs } = state;
    const orders = history.filter(({ input: { kind, atMs } }) => ['cancel', 'rerun', 'move'].includes(kind) && atMs <= endedAtMs);
    const order = orders.findLast(({ isIgnored }) => !isIgnored)?.input;
    const cancelledAtMs = order?.kind === 'cancel' ? order.atMs : undefined;
    if (state.status === 'cancelled' && cancelledAtMs !== undefined && endedAtMs - cancelledAtMs > promptMs) {
      found.push({ invariant: 'W6', detail: `${runId} took ${endedAtMs - cancelledAtMs} ms to end` });
    }
    if (written.some((each) => each.runId === runId && each.atMs > endedAtMs)) {
      found.push({ invariant: 'W6', detail: `${runId} was written for after it had ended` });
    }
  }
  return found;
}

/** What must hold once every run has ended. */
export function checkRuns(world: RunWorld): RunViolation[] {
  const { database, doubled } = world;
  const runs = [...database.runs.values()];
  const open = runs.filter((run) => !database.isOver(run));
  if (database.problems.length > 0) return [...database.problems];
  if (open.length > 0) return open.map(({ runId, state }) => ({ invariant: 'W1', detail: `${runId} is ${state?.status}` }));
  const changed = runs.filter((run) => JSON.stringify(replayed(run, world)) !== JSON.stringify(run.state));
  return [
    ...unwritten(world),
    ...leftOver(world),
    ...unseenByPeople(world),
    ...changed.map(({ runId }): RunViolation => ({ invariant: 'W4', detail: `the history of ${runId} gives another state` })),
    ...doubled.map((detail): RunViolation => ({ invariant: 'W5', detail })),
  ];
}
