import { runProblems, type RunEffect, type RunInput, type RunPlan } from '@vigil/workflows';
import { moveProblems } from './check-move.ts';
import { describeStep } from './describe-step.ts';
import { attemptName, partName, type PartRef, type Request } from './messages.ts';
import type { OutboxRow, PartRow, RunRow } from './run-rows.ts';
import type { RunViolation } from './run-violation.ts';
import type { Variation } from './variation.ts';

type Timer = RunInput & { readonly kind: 'timer' };

export const leaseMs = 10_000;

export interface DatabaseGiven {
  readonly now: () => number;
  readonly tell: (happening: string) => void;
  readonly variation: Variation;
  readonly planOf: (workflow: string) => RunPlan;
  /** The versions of the workflow that nobody but a person starts, from 1 on. */
  readonly versions: readonly RunPlan[];
}

/**
 * What PostgreSQL holds of runs. A method is a transaction: it happens as a whole. Its clock is the one that everybody goes
 * by, and it may be set.
 */
export function createRunDatabase(world: DatabaseGiven) {
  const { variation, versions } = world;
  const runs = new Map<string, RunRow>();
  const parts = new Map<string, PartRow>();
  const slotEpochs = new Map<string, number>();
  const timers = new Map<string, { readonly runId: string; readonly input: Timer; readonly atMs: number }>();
  const approvals = new Map<string, { readonly runId: string; readonly task: string }>();
  const inbox = new Set<string>();
  const outbox: OutboxRow[] = [];
  const problems: RunViolation[] = [];
  const highestEpochs = new Map<string, number>();
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

  function enqueue(row: PartRow): void {
    const name = partName(row);
    const highest = highestEpochs.get(name) ?? 0;
    if (highest >= row.epoch) problems.push({ invariant: 'W4', detail: `${attemptName(row)} is asked for after epoch ${highest}` });
    highestEpochs.set(name, row.epoch);
    parts.set(name, row);
  }

  function withdraw(runId: string, effect: Extract<RunEffect, { readonly kind: 'withdraw' }>): void {
    const name = partName({ runId, ...effect });
    const row = parts.get(name);
    if (row?.epoch !== effect.epoch) return void problems.push({ invariant: 'W4', detail: `withdraw of ${name}, which is not there` });
    const { task, part, epoch, attempt } = row;
    if (row.state === 'queued') return step(runId, { kind: 'stopped', atMs: now(), task, part, epoch });
    row.state = 'stopping';
    write(row, 'cancel', attempt);
  }

  function apply(run: RunRow, effect: RunEffect): void {
    const { runId } = run;
    switch (effect.kind) {
      case 'enqueue': {
        const { task, part, epoch, attempt } = effect;
        return enqueue({ runId, task, part, epoch, attempt, state: 'queued', leaseUntilMs: 0 });
      }
      case 'withdraw':
        return withdraw(runId, effect);
      case 'set-timer': {
        const { timer, atMs } = effect;
        return void timers.set(`${runId} ${JSON.stringify(timer)}`, { runId, input: { kind: 'timer', atMs: 0, timer }, atMs });
      }
      case 'clear-timer':
        return void timers.delete(`${runId} ${JSON.stringify(effect.timer)}`);
      case 'start-run': {
        const { childRunId, workflow, task, part } = effect;
        return request(childRunId, world.planOf(workflow), { runId, task, part });
      }
      case 'cancel-run':
        return step(effect.childRunId, { kind: 'cancel', atMs: now(), by: runId, reason: 'its parent was cancelled' });
      case 'ask-approval':
        return void approvals.set(`${runId} ${effect.task}`, { runId, task: effect.task });
      case 'withdraw-approval':
        return void approvals.delete(`${runId} ${effect.task}`);
      case 'fall-back':
        return;
      case 'run-ended': {
        if (!run.parent) return;
        const { runId: parentId, task, part } = run.parent;
        const { status, result } = effect;
        return step(parentId, { kind: 'child-ended', atMs: now(), task, part, childRunId: runId, status, result });
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

  /** Who was given up may still be at work; who begins late works for nobody. */
  function stopUnwanted(runId: string, input: RunInput, isIgnored: boolean): void {
    const isUnwanted = (input.kind === 'started' && isIgnored) || (input.kind === 'lost' && !isIgnored);
    if (isUnwanted) write({ runId, task: input.task, part: input.part, epoch: input.epoch }, 'cancel', 0);
  }

  function takeStep(runId: string, input: RunInput): void {
    const run = runs.get(runId) as RunRow;
    const { plan: from, state: before } = run;
    const plan = input.kind === 'move' ? (versions[input.version - 1] ?? from) : from;
    const made = variation.decide(plan, before, input);
    const { state, effects, ignored } = made;
    world.tell(describeStep(runId, input, made));
    run.history.push({ plan, input, isIgnored: ignored !== null });
    run.state = state;
    stopUnwanted(runId, input, ignored !== null);
    if (ignored !== null) return;
    run.plan = plan;
    if (input.kind === 'move' && before) problems.push(...moveProblems(runId, { from, before, to: plan, after: state }));
    for (const problem of runProblems(plan, state)) problems.push({ invariant: 'W4', detail: `${runId}: ${problem}` });
    if ('part' in input) settle(run, input);
    if (input.kind === 'timer' && 'part' in input.timer) settle(run, input.timer);
    for (const effect of effects) apply(run, effect);
  }

  function request(runId: string, plan: RunPlan, parent: RunRow['parent'] = null): void {
    if (runs.has(runId)) return;
    runs.set(runId, { runId, plan, parent, history: [], state: null });
    step(runId, { kind: 'requested', atMs: now(), runId, batchId: runId, parameters: {} });
  }

  /** The version after the one that a run is at, if it was mended. */
  const mendedOf = ({ plan, parent }: RunRow): RunPlan | undefined => (parent === null ? versions[plan.version] : undefined);

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
    mendedOf,
    /** It has ended, and nobody will go on with it. */
    isOver: (run: RunRow): boolean =>
      run.state !== null && run.state.endedAtMs !== null && !(run.state.status === 'failed' && mendedOf(run) !== undefined),
    jump(ms: number): void {
      world.tell(`the clock of the database jumps by ${Math.round(ms)} ms`);
      skewMs += ms;
    },
  };
}

export type RunDatabase = ReturnType<typeof createRunDatabase>;
