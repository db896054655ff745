import { expect, test } from '@jest/globals';
import { compilePlan, decide, type RunInput, type RunPlan, type RunState } from '@vigil/workflows';
import { parseDefinition, workflowSchema } from '@vigil/definitions';
import { projectRun } from './project-run.ts';
import { sortEffects } from './sort-effects.ts';
import { takeSteps } from './take-steps.ts';

const planOf = (tasks: string): RunPlan =>
  compilePlan(parseDefinition(`name: w\ntasks:\n${tasks}\n`, 't.yaml', workflowSchema), { version: 1, sha256: 's' });
const work = (name: string, more = ''): string => `  - {name: ${name}, type: business_logic, function: score${more}}`;
const runId = '00000000-0000-4000-8000-000000000001';
type Untimed = RunInput extends infer Input ? (Input extends unknown ? Omit<Input, 'atMs'> : never) : never;

/** Rows after each input, as `task/part state reason: by`. */
function follow(plan: RunPlan, ...inputs: Untimed[]): string[][] {
  let state: RunState | null = null;
  return [{ kind: 'requested', runId, batchId: runId, parameters: {} } as Untimed, ...inputs].map((untimed, place) => {
    const step = decide(plan, state, { ...untimed, atMs: 1000 * place });
    const rows = projectRun(plan, { before: state, after: step.state }, step.effects);
    ({ state } = step);
    return rows.map(
      ({ planned, part, state: now, blocked }) => `${planned.name}/${part} ${now}${blocked ? ` ${blocked.reason}: ${blocked.by}` : ''}`,
    );
  });
}
const attempt = { task: 'a', part: 0, epoch: 1 };
const by = { by: 'me', reason: 'as agreed' };
const started: Untimed = { kind: 'started', ...attempt, attempt: 1, worker: 'w1' };
const ok: Untimed = { kind: 'succeeded', ...attempt, result: { counts: { read: 2 }, values: {}, ref: null } };

test('a task names what it waits for until nothing of it is open', () => {
  const plan = planOf([work('a'), work('b'), work('c', ', depends_on: [a, b]')].join('\n'));
  expect(follow(plan, started, ok)).toEqual([
    ['a/0 queued queued: default', 'b/0 queued queued: default', 'c/0 waiting waiting_for_task: a, b'],
    ['a/0 running'],
    ['a/0 succeeded', 'c/0 waiting waiting_for_task: b'],
  ]);
});

test('of many tasks it waits for it names the first five', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const plan = planOf([...names.map((name) => work(name)), work('z', `, depends_on: [${names.join(', ')}]`)].join('\n'));
  expect(follow(plan)[0]?.at(-1)).toBe('z/0 waiting waiting_for_task: a, b, c, d, e and 2 more');
});

test('in a paused run what becomes due says that the run stands, and a retry that is due does so, too', () => {
  const plan = planOf([work('a', ', retry: {attempts: 1, delay: 1s}'), work('b', ', depends_on: [a]')].join('\n'));
  expect(follow(plan, { kind: 'pause', ...by }, started, ok)).toEqual([
    ['a/0 queued queued: default', 'b/0 waiting waiting_for_task: a'],
    ['b/0 waiting waiting_for_task: a'],
    ['a/0 running'],
    ['a/0 succeeded', 'b/0 waiting run_paused: as agreed'],
  ]);
  const failed: Untimed = { kind: 'failed', ...attempt, error: { code: 'SOURCE_AWAY', kind: 'dependency', detail: '' } };
  const timer: Untimed = { kind: 'timer', timer: { kind: 'retry', ...attempt } };
  expect(follow(plan, started, failed, { kind: 'pause', ...by }, timer).flat()).toEqual([
    'a/0 queued queued: default',
    'b/0 waiting waiting_for_task: a',
    'a/0 running',
    'a/0 backing-off retry_at: 1970-01-01T00:00:03.000Z',
    'b/0 waiting waiting_for_task: a',
    'a/0 backing-off run_paused: as agreed',
  ]);
});

test('a person, a time and a child run are named; a part that stops names its worker', () => {
  const plan = planOf(
    [
      '  - {name: p, type: approval, message: Go?, approvers: [boss]}',
      '  - {name: q, type: wait, duration: 1h}',
      '  - {name: r, type: workflow, workflow: other}',
      work('a'),
    ].join('\n'),
  );
  const [first = [], , last = []] = follow(plan, started, { kind: 'cancel', ...by });
  expect(first.slice(0, 2)).toEqual(
    ['p/0 held held_for_approval: boss', 'q/0 waiting waiting_until: 1970-01-01T01:00:00.000Z'].map((row) =>
      row.replace('q/0 waiting', 'q/0 running'),
    ),
  );
  expect(first[2]).toMatch(/^r\/0 running waiting_for_run: [0-9a-f-]{36}$/);
  expect(last).toContain('a/0 stopping stopping: w1');
  expect(last.find((row) => row.startsWith('r/0'))).toMatch(/^r\/0 stopping stopping: [0-9a-f-]{36}$/);
});

test('of a part that fell back the row says so; parts that are still queued are the dispatcher’s', () => {
  const plan = planOf(work('a', ', fan_out: {partitions: 2}, fallback_action: quarantine_data'));
  const failed = (part: number): Untimed => ({
    kind: 'failed',
    task: 'a',
    part,
    epoch: 1,
    error: { code: 'BAD_SHAPE', kind: 'poison', detail: '' },
  });
  const [first, second, third] = follow(plan, failed(0), failed(1));
  expect(first).toEqual(['a/0 queued queued: default', 'a/1 queued queued: default']);
  expect(second).toEqual(['a/0 failed']);
  expect(third).toEqual(['a/0 fell-back', 'a/1 fell-back']);
});

test('what was queued and withdrawn in the same steps was asked of nobody', () => {
  const enqueue = { kind: 'enqueue', ...attempt, partKey: '', attempt: 1, input: {} } as const;
  const sorted = sortEffects([enqueue, { kind: 'withdraw', ...attempt }, { kind: 'withdraw', ...attempt, epoch: 0 }]);
  expect(sorted).toMatchObject({ unasked: [{ epoch: 1 }], withdrawn: [{ epoch: 0 }] });
  expect(sorted.enqueued.size).toBe(0);
});

test('a clock that was set back does not make a run’s time run backwards', () => {
  const plan = planOf(work('a'));
  const world = { planOf: () => plan, fresh: new Set<string>(), isLeaseOver: () => true, decide };
  const run = { runId, workflow: 'w', version: 1, batchId: runId, parameters: {}, seq: 0, state: null };
  const take = (locked: typeof run | (Omit<typeof run, 'state'> & { state: RunState }), nowMs: number, input: Untimed) =>
    takeSteps([{ runId, messageId: null, input }], { ...world, runs: new Map([[runId, locked]]), nowMs });
  const first = take(run, 5000, { kind: 'requested', runId, batchId: runId, parameters: {} });
  const state = first.runs[0]?.after as RunState;
  const second = take({ ...run, seq: 1, state }, 4000, started);
  expect(second.runs[0]?.taken[0]?.input.atMs).toBe(5000);
});

test('a result that is held for a person shows so until it is answered, and then how', () => {
  const plan = planOf(work('a'));
  const held: Untimed = { kind: 'succeeded', ...attempt, result: { counts: {}, values: { hold: 'Too low.' }, ref: null } };
  const rows = (kind: 'approved' | 'declined') => follow(plan, started, held, { kind, task: 'a', ...by }).slice(2);

  expect(rows('approved')).toEqual([['a/0 held held_for_approval: Too low.'], ['a/0 succeeded']]);
  expect(rows('declined')).toEqual([['a/0 held held_for_approval: Too low.'], ['a/0 failed']]);
});
