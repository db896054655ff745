import { runProblems, type RunEffect, type RunInput, type RunPlan, type RunState } from '@vigil/workflows';
import { partName, type PartRef, type Request } from './messages.ts';
import type { Variation } from './variation.ts';

export interface RunRow {
  readonly runId: string;
  readonly plan: RunPlan;
  readonly parent: { readonly runId: string; readonly task: string; readonly part: number } | null;
  readonly history: RunInput[];
  state: RunState | null;
}

export interface PartRow extends PartRef {
  readonly attempt: number;
  state: 'queued' | 'requested' | 'running' | 'stopping';
  leaseUntilMs: number;
}

export interface OutboxRow {
  readonly id: number;
  readonly key: string;
  readonly message: Request;
  claimedUntilMs: number;
}

export const leaseMs = 10_000;
export const slots = 2;

/**
 * What PostgreSQL holds of runs. A method is a transaction: it happens as a whole. Its clock is the one that everybody goes
 * by, and it may be set.
 */
export function createRunDatabase(world: {
  readonly now: () => number;
  readonly variation: Variation;
  readonly planOf: (workflow: string) => RunPlan;
}) {
  const { variation } = world;
  const runs = new Map<string, RunRow>();
  const parts = new Map<string, PartRow>();
  const slotEpochs = new Map<string, number>();
  const timers = new Map<
    string,
    { readonly runId: string; readonly input: RunInput & { readonly kind: 'timer' }; readonly atMs: number }
  >();
  const approvals = new Map<string, { readonly runId: string; readonly task: string }>();
  const inbox = new Set<string>();
  const outbox: OutboxRow[] = [];
  const problems: string[] = [];
  let skewMs = 0;
  let outboxId = 0;
  const now = (): number => Math.max(0, world.now() + skewMs);
  const write = (ref: PartRef, kind: Request['kind'], attempt: number): void => {
    const { runId, task, part, epoch } = ref;
    outbox.push({ id: outboxId++, key: partName(ref), message: { runId, task, part, epoch, kind, attempt }, claimedUntilMs: 0 });
  };

  function release(name: string, row: PartRow): void {
    parts.delete(name);
    if (!variation.keepsSlots || row.state === 'running') slotEpochs.delete(name);
  }

  function apply(run: RunRow, effect: RunEffect): void {
    const { runId } = run;
    switch (effect.kind) {
      case 'enqueue': {
        const { task, part, epoch, attempt } = effect;
        parts.set(partName({ runId, task, part }), { runId, task, part, epoch, attempt, state: 'queued', leaseUntilMs: 0 });
        return;
      }
      case 'withdraw': {
        const row = parts.get(partName({ runId, ...effect }));
        if (!row || row.epoch !== effect.epoch)
          return void problems.push(`withdraw of ${partName({ runId, ...effect })}, which is not there`);
        const { task, part, epoch, attempt } = row;
        if (row.state === 'queued') return step(runId, { kind: 'stopped', atMs: now(), task, part, epoch });
        row.state = 'stopping';
        return write(row, 'cancel', attempt);
      }
      case 'set-timer':
        timers.set(`${runId} ${JSON.stringify(effect.timer)}`, {
          runId,
          input: { kind: 'timer', atMs: 0, timer: effect.timer },
          atMs: effect.atMs,
        });
        return;
      case 'clear-timer':
        timers.delete(`${runId} ${JSON.stringify(effect.timer)}`);
        return;
      case 'start-run': {
        const { childRunId, workflow, task, part } = effect;
        return request(childRunId, world.planOf(workflow), { runId, task, part });
      }
      case 'cancel-run':
        return step(effect.childRunId, { kind: 'cancel', atMs: now(), by: runId, reason: 'its parent was cancelled' });
      case 'ask-approval':
        approvals.set(`${runId} ${effect.task}`, { runId, task: effect.task });
        return;
      case 'withdraw-approval':
        approvals.delete(`${runId} ${effect.task}`);
        return;
      case 'fall-back':
        return;
      case 'run-ended': {
        const { parent } = run;
        if (!parent) return;
        const { task, part } = parent;
        return step(parent.runId, {
          kind: 'child-ended',
          atMs: now(),
          task,
          part,
          childRunId: runId,
          status: effect.status,
          result: effect.result,
        });
      }
    }
  }

  /** Rows of attempts that are no more, and their slots. */
  function settle(run: RunRow, { task, part }: { readonly task: string; readonly part: number }): void {
    const name = partName({ runId: run.runId, task, part });
    const row = parts.get(name);
    const state = run.state?.tasks[task]?.parts[part];
    if (!row) return;
    if (state?.epoch !== row.epoch || !['queued', 'running', 'stopping'].includes(state.status)) release(name, row);
    else if (state.status === 'running' && row.state === 'requested') row.state = 'running';
  }

  /** Inputs that effects bring about: taken after all effects of their step, in the same transaction. */
  const following: (() => void)[] = [];
  let isStepping = false;
  function step(runId: string, input: RunInput): void {
    if (isStepping) return void following.push(() => takeStep(runId, input));
    isStepping = true;
    takeStep(runId, input);
    for (let next = following.shift(); next; next = following.shift()) next();
    isStepping = false;
  }

  function takeStep(runId: string, input: RunInput): void {
    const run = runs.get(runId) as RunRow;
    const { state, effects, ignored } = variation.decide(run.plan, run.state, input);
    run.history.push(input);
    run.state = state;
    if (ignored !== null) return;
    for (const problem of runProblems(run.plan, state)) problems.push(`${runId}: ${problem}`);
    if ('part' in input) settle(run, input);
    if (input.kind === 'timer' && 'part' in input.timer) settle(run, input.timer);
    for (const effect of effects) apply(run, effect);
  }

  function request(runId: string, plan: RunPlan, parent: RunRow['parent'] = null): void {
    if (runs.has(runId)) return;
    runs.set(runId, { runId, plan, parent, history: [], state: null });
    step(runId, { kind: 'requested', atMs: now(), runId, batchId: runId, parameters: {} });
  }

  return {
    runs,
    parts,
    slotEpochs,
    timers,
    approvals,
    inbox,
    outbox,
    problems,
    now,
    step,
    request,
    write,
    jump: (ms: number): void => void (skewMs += ms),
  };
}

export type RunDatabase = ReturnType<typeof createRunDatabase>;
