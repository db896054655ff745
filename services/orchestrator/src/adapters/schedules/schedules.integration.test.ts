import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inTransaction } from '@vigil/postgres';
import { aWorkflow, startScheduleHarness, type ScheduleHarness } from '../../../fixtures/schedule-harness.ts';
import { deployScheduleGroup } from './deploy-schedules.ts';
import { fillBackfills } from './fill-backfills.ts';
import { sweepRuns } from './sweep-runs.ts';
import { switchSchedule } from './switch-schedule.ts';
import { takeDue, takeDueSingly } from './take-due.ts';
import { recordTriggers, takeTriggers } from './take-triggers.ts';

let harness: ScheduleHarness;
beforeAll(async () => {
  harness = await startScheduleHarness();
});
afterAll(() => harness.close());
beforeEach(() => harness.forget());

interface Fire {
  readonly decision: string;
  readonly ageMinutes: number;
}
const firesOf = (scheduleId: string) =>
  harness.query<Fire>(
    `SELECT decision, round(extract(epoch FROM date_trunc('minute', clock_timestamp()) - scheduled_for) / 60)::int AS "ageMinutes"
     FROM orchestration.fire WHERE schedule_id = $1 ORDER BY scheduled_for`,
    [scheduleId],
  );
const runsOf = (workflow: string) =>
  harness.query<{ runId: string; status: string; trigger: string; parameters: object }>(
    'SELECT run_id AS "runId", status, trigger, parameters FROM orchestration.run WHERE workflow = $1 ORDER BY created_at',
    [workflow],
  );
/** As if nobody had looked at a schedule for so long, by the database's clock. */
const away = (scheduleId: string, minutes: number) =>
  harness.query(
    `UPDATE orchestration.schedule SET considered_until = clock_timestamp() - $2 * interval '1 minute',
       next_fire_at = clock_timestamp() - $2 * interval '1 minute' WHERE schedule_id = $1`,
    [scheduleId, minutes],
  );
const everyMinute = (catchUp: string, overlap: string): string =>
  `{type: interval, every: 1min, catch_up: ${catchUp}, overlap: ${overlap}}`;

describe('catch-up x overlap after ten minutes in which nobody looked', () => {
  const all = '{all: {max: 3, window: 1h}}';
  test.each([
    ['none', 'skip', ['started']],
    ['none', 'allow', ['started']],
    ['latest', 'queue1', ['started']],
    [all, 'skip', ['started', 'skipped-overlap', 'skipped-overlap']],
    [all, 'queue1', ['started', 'queued', 'skipped-overlap']],
    [all, 'allow', ['started', 'started', 'started']],
    [all, 'cancel', ['skipped-overlap', 'skipped-overlap', 'started']],
  ])('%s x %s', async (catchUp, overlap, expected) => {
    await harness.definitions.deploy(aWorkflow('w', everyMinute(catchUp, overlap)), 'test');
    await away('w/interval', 10);
    await harness.takeDue();

    const fires = await firesOf('w/interval');
    expect(fires.map(({ decision }) => decision).filter((decision) => decision !== 'skipped-catch-up')).toEqual(expected);
    expect(fires).toHaveLength(10);
    const statuses = (await runsOf('w')).map(({ status }) => status);
    expect(statuses).toEqual(expected.flatMap((decision) => ({ started: ['running'], queued: ['waiting'] })[decision] ?? []));
  });

  test('overlap cancel ends the open run and starts the new one in the same transaction', async () => {
    await harness.definitions.deploy(aWorkflow('w', everyMinute('latest', 'cancel')), 'test');
    const runId = crypto.randomUUID();
    await harness.runs.request([
      { runId, workflow: 'w', version: null, trigger: 'interval', scheduleId: 'w/interval', requestedBy: 'test' },
    ]);
    await away('w/interval', 5);
    await harness.takeDue();

    const [open, successor] = await runsOf('w');
    expect(open).toMatchObject({ runId, status: 'cancelling' });
    expect(successor).toMatchObject({ status: 'running' });
    const [cancel] = await harness.query<{ input: object }>(
      `SELECT input FROM orchestration.run_event WHERE run_id = $1 AND input->>'kind' = 'cancel'`,
      [runId],
    );
    expect(cancel?.input).toMatchObject({ by: 'schedule w/interval' });
  });
});

test('downtime, enabling again, an edit and a deployment catch up in one way: from what was considered', async () => {
  const text = aWorkflow('w', everyMinute('{all: {max: 3, window: 1h}}', 'allow'));
  const caughtUp = async (interrupt: () => Promise<unknown>): Promise<number> => {
    await harness.forget();
    await harness.definitions.deploy(text, 'test');
    await harness.query(
      `UPDATE orchestration.schedule SET considered_until = clock_timestamp() - interval '10 minutes', next_fire_at = 'infinity'`,
    );
    await interrupt();
    await harness.takeDue();
    return (await runsOf('w')).length;
  };

  expect(await caughtUp(() => away('w/interval', 10))).toBe(3);
  expect(
    await caughtUp(async () => {
      await harness.definitions.disable('w', 'test');
      expect((await harness.takeDue()).schedules).toBe(0);
      await harness.definitions.enable('w', 'test');
    }),
  ).toBe(3);
  expect(
    await caughtUp(async () => {
      const turn = (enabled: boolean) =>
        inTransaction(harness.database.pool, (transaction) =>
          switchSchedule(transaction, { scheduleId: 'w/interval', enabled, by: 'test' }),
        );
      await turn(false);
      await turn(true);
    }),
  ).toBe(3);
  expect(await caughtUp(() => harness.definitions.deploy(text.replace('max: 3', 'max: 2'), 'test'))).toBe(2);
});

test('a deployment that leaves a schedule as it was does not touch it; one that drops it ends it', async () => {
  await harness.definitions.deploy(aWorkflow('w', everyMinute('none', 'skip')), 'test');
  await harness.query(`UPDATE orchestration.schedule SET next_fire_at = 'infinity'`);
  await harness.definitions.deploy(aWorkflow('w', everyMinute('none', 'skip'), 'description: new'), 'test');
  expect((await harness.takeDue()).schedules).toBe(0);

  await harness.definitions.deploy(aWorkflow('w'), 'test');
  expect(await harness.query('SELECT FROM orchestration.schedule')).toHaveLength(0);
});

test('two schedulers that race start each due time once', async () => {
  const names = Array.from({ length: 40 }, (_, number) => `w${number}`);
  for (const name of names) await harness.definitions.deploy(aWorkflow(name, everyMinute('latest', 'allow')), 'test');
  await harness.query(
    `UPDATE orchestration.schedule SET considered_until = clock_timestamp() - interval '3 minutes', next_fire_at = clock_timestamp()`,
  );

  const taken = await Promise.all(Array.from({ length: 8 }, () => takeDue(harness.parts, 7)));
  const rest = await takeDue(harness.parts, 200);

  expect([...taken, rest].reduce((sum, { started }) => sum + started, 0)).toBe(40);
  const runs = await harness.query<{ count: number }>('SELECT count(*) FROM orchestration.run GROUP BY workflow');
  expect(runs.map(({ count }) => count)).toEqual(names.map(() => 1));
});

test('the clock of the process counts for nothing: the database decides what is due', async () => {
  await harness.definitions.deploy(aWorkflow('w', everyMinute('none', 'skip')), 'test');
  await harness.query(`UPDATE orchestration.schedule SET next_fire_at = clock_timestamp() + interval '1 hour'`);
  const real = Date.now;
  Date.now = () => real() + 86_400_000;
  try {
    expect((await harness.takeDue()).schedules).toBe(0);
  } finally {
    Date.now = real;
  }
});

test('what waits begins when the run before it ends, in the same transaction', async () => {
  await harness.definitions.deploy(aWorkflow('w', everyMinute('{all: {max: 2, window: 1h}}', 'queue1')), 'test');
  await away('w/interval', 5);
  await harness.takeDue();
  const [first, second] = await runsOf('w');
  expect([first?.status, second?.status]).toEqual(['running', 'waiting']);

  await harness.cancel(first?.runId ?? '');
  expect((await runsOf('w')).map(({ status }) => status)).toEqual(['cancelled', 'running']);
});

test('what the ends of runs did not reach is swept', async () => {
  await harness.definitions.deploy(aWorkflow('w', everyMinute('{all: {max: 2, window: 1h}}', 'queue1')), 'test');
  await away('w/interval', 5);
  await harness.takeDue();
  await harness.query(`UPDATE orchestration.run SET status = 'succeeded' WHERE status = 'running'`);

  await harness.takeOthers();
  expect((await runsOf('w')).map(({ status }) => status)).toEqual(['succeeded', 'running']);
});

test('a continuous workflow has exactly one open run: after its start, its end and the next deployment', async () => {
  const text = aWorkflow('w', '{type: continuous, interval: 30s}');
  const open = async () => (await runsOf('w')).filter(({ status }) => status === 'running').map(({ runId }) => runId);
  await harness.definitions.deploy(text, 'test');
  await harness.takeDue();
  const [first] = await open();
  expect(await open()).toHaveLength(1);
  await away('w/continuous', 5);
  await harness.takeDue();
  expect(await open()).toEqual([first]);

  await harness.cancel(first ?? '');
  await harness.takeDue();
  const [second] = await open();
  expect(second).not.toBe(first);

  await harness.definitions.deploy(text.replace('sql_load', 'sql_other'), 'test');
  await harness.takeOthers();
  expect((await runsOf('w')).map(({ status }) => status)).toEqual(['cancelled', 'cancelling']);
  await harness.cancel(second ?? '');
  await harness.takeDue();
  const versions = await harness.query<{ version: number }>(`SELECT version FROM orchestration.run WHERE status = 'running'`);
  expect(versions).toEqual([{ version: 2 }]);
});

test('one schedule that cannot be decided about holds up no other', async () => {
  await harness.definitions.deploy(aWorkflow('good', everyMinute('latest', 'skip')), 'test');
  await harness.definitions.deploy(aWorkflow('bad', everyMinute('latest', 'skip')), 'test');
  await away('good/interval', 3);
  await away('bad/interval', 3);
  await harness.query(
    `UPDATE orchestration.schedule SET spec = '{"type": "cron", "expression": "no cron", "timezone": "UTC"}' WHERE workflow = 'bad'`,
  );

  await expect(harness.takeDue()).rejects.toThrow();
  const failed: string[] = [];
  const taken = await takeDueSingly(harness.parts, 200, (scheduleId) => void failed.push(scheduleId));
  expect(taken).toMatchObject({ schedules: 1, started: 1 });
  expect(failed).toEqual(['bad/interval']);
  expect((await harness.takeDue()).schedules).toBe(0);
});

test('what cannot be started is put off, and what else was triggered, filled back or waits goes on', async () => {
  const put: string[] = [];
  const parts = { ...harness.parts, onPostponed: (of: string) => void put.push(of) };
  const file = '{type: file, source: inbox, pattern: "*.csv", overlap: allow}';
  for (const name of ['bad', 'good']) {
    await harness.definitions.deploy(aWorkflow(name, file), 'test');
    const ask = (version: number | null) => ({ runId: crypto.randomUUID(), workflow: name, version, trigger: 'manual' as const });
    await harness.runs.request([{ ...ask(null), requestedBy: 'test', begins: 'waiting' }]);
    await harness.query(`INSERT INTO orchestration.backfill VALUES ($1, $2, 1, now(), now(), 1, 'running', 'test')`, [ask(1).runId, name]);
    await harness.query(
      `INSERT INTO orchestration.backfill_part (backfill_id, scheduled_for, state) SELECT backfill_id, now(), 'waiting'
       FROM orchestration.backfill WHERE workflow = $1`,
      [name],
    );
    await inTransaction(harness.database.pool, (transaction) =>
      recordTriggers(transaction, [{ scheduleId: `${name}/file`, cause: 'a', detail: {} }]),
    );
  }
  await harness.query(`ALTER TABLE orchestration.run ADD CONSTRAINT refused CHECK (workflow <> 'bad') NOT VALID`);

  expect(await takeTriggers(parts, 200)).toBe(1);
  expect(await fillBackfills(parts)).toBe(1);
  await sweepRuns(parts);
  expect(put).toEqual(['trigger', 'backfill', 'run']);
  expect((await runsOf('good')).map(({ trigger, status }) => `${trigger} ${status}`).toSorted()).toEqual([
    'backfill running',
    'file running',
    'manual running',
  ]);
  expect([await takeTriggers(parts, 200), await fillBackfills(parts), await sweepRuns(parts)]).toEqual([0, 0, 0]);
  expect(put).toHaveLength(3);
  await harness.query('ALTER TABLE orchestration.run DROP CONSTRAINT refused');
});

test('a run that cannot begin does not keep the one before it from ending; it begins once it can', async () => {
  await harness.definitions.deploy(aWorkflow('w', '{type: file, source: inbox, pattern: "*.csv", overlap: queue1}'), 'test');
  await inTransaction(harness.database.pool, (transaction) =>
    recordTriggers(
      transaction,
      ['a', 'b'].map((cause) => ({ scheduleId: 'w/file', cause, detail: {} })),
    ),
  );
  await takeTriggers(harness.parts, 200);
  const [first, second] = (await runsOf('w')).toSorted((a) => (a.status === 'running' ? -1 : 1));
  await harness.query(`ALTER TABLE orchestration.run ADD CONSTRAINT refused
    CHECK (run_id <> '${second?.runId ?? ''}' OR status <> 'running') NOT VALID`);
  const statuses = async () => (await runsOf('w')).map(({ status }) => status).toSorted();

  await harness.cancel(first?.runId ?? '');
  expect(await statuses()).toEqual(['cancelled', 'waiting']);
  await harness.query('ALTER TABLE orchestration.run DROP CONSTRAINT refused');
  await sweepRuns(harness.parts);
  expect(await statuses()).toEqual(['cancelled', 'running']);
});

test('the end of a run triggers what waits for its workflow, once however often it is told', async () => {
  await harness.definitions.deploy(aWorkflow('up'), 'test');
  await harness.definitions.deploy(aWorkflow('down', '{type: upstream, workflow: up, status: cancelled}'), 'test');
  const runId = crypto.randomUUID();
  await harness.runs.request([{ runId, workflow: 'up', version: null, trigger: 'manual', requestedBy: 'test' }]);
  await harness.cancel(runId);
  await harness.takeOthers();
  expect(await runsOf('down')).toMatchObject([{ trigger: 'upstream', status: 'running' }]);

  const again = [{ scheduleId: 'down/upstream', cause: `run:${runId}`, detail: {} }];
  expect(await inTransaction(harness.database.pool, (transaction) => recordTriggers(transaction, again))).toBe(0);
});

test('triggers follow the overlap of their schedule, and what happens while it is disabled starts nothing', async () => {
  await harness.definitions.deploy(aWorkflow('w', '{type: file, source: inbox, pattern: "*.csv", overlap: queue1}'), 'test');
  const tell = (...causes: string[]) =>
    inTransaction(harness.database.pool, (transaction) =>
      recordTriggers(
        transaction,
        causes.map((cause) => ({ scheduleId: 'w/file', cause, detail: { cause } })),
      ),
    );
  expect(await tell('a', 'b', 'c')).toBe(3);
  expect(await tell()).toBe(0);
  const raced = await Promise.all([takeTriggers(harness.parts, 200), takeTriggers(harness.parts, 200)]);
  expect(raced.sort((a, b) => a - b)).toEqual([0, 3]);
  expect(await harness.query('SELECT cause, decision FROM orchestration.trigger_fire ORDER BY cause')).toEqual([
    { cause: 'a', decision: 'started' },
    { cause: 'b', decision: 'queued' },
    { cause: 'c', decision: 'skipped-overlap' },
  ]);

  await harness.definitions.disable('w', 'test');
  expect(await tell('d')).toBe(0);
});

test('a file of schedules brings its own parameters over the defaults, and ends those it drops', async () => {
  await harness.definitions.deploy(
    aWorkflow('w', '', 'parameters: {full: {type: boolean, default: true}, days: {type: number, default: 1}}'),
    'test',
  );
  const deploy = (text: string) =>
    inTransaction(harness.database.pool, (transaction) => deployScheduleGroup(transaction, { group: 'daily', text, by: 'test' }));
  const entry = (name: string, more: string) =>
    `{name: ${name}, workflow: w, schedule: {type: interval, every: 1min, catch_up: latest}, ${more}}`;
  expect(await deploy(`schedules: [${entry('early', 'parameters: {days: 7}')}, ${entry('late', 'enabled: false')}]`)).toEqual([
    'w/early',
    'w/late',
  ]);
  await away('w/early', 2);
  await away('w/late', 2);
  await harness.takeDue();
  expect(await runsOf('w')).toMatchObject([{ parameters: { full: true, days: 7 } }]);

  expect(await deploy('schedules: []')).toEqual([]);
  expect(await harness.query('SELECT FROM orchestration.schedule')).toHaveLength(0);
  await expect(deploy('schedules: [{name: x, workflow: other, schedule: {type: manual}}]')).resolves.toEqual([]);
  await expect(deploy(`schedules: [${entry('x', 'enabled: true').replace('workflow: w', 'workflow: other')}]`)).rejects.toMatchObject({
    code: 'WORKFLOW_UNKNOWN',
  });
});

describe('backfills', () => {
  const backfill = async (number: number, started: number, waiting: number): Promise<string> => {
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    await harness.query(
      `INSERT INTO orchestration.backfill (backfill_id, workflow, version, from_at, until_at, at_once, state, requested_by)
       VALUES ($1, 'w', 1, now(), now(), 1, 'running', 'test')`,
      [id],
    );
    await harness.query(
      `INSERT INTO orchestration.backfill_part (backfill_id, scheduled_for, state)
       SELECT $1, now() + n * interval '1 hour', CASE WHEN n <= $2 THEN 'started' ELSE 'waiting' END FROM generate_series(1, $3::int) n`,
      [id, started, started + waiting],
    );
    return id;
  };
  beforeEach(() => harness.query('TRUNCATE orchestration.backfill CASCADE'));

  test('however many wait for their runs, another one starts', async () => {
    await harness.definitions.deploy(aWorkflow('w'), 'test');
    for (let number = 0; number < 20; number++) await backfill(number, 1, 1);
    await backfill(20, 0, 1);
    expect(await fillBackfills(harness.parts)).toBe(1);
  });

  test('schedulers that race open no more partitions than the backfill allows', async () => {
    await harness.definitions.deploy(aWorkflow('w'), 'test');
    await backfill(0, 0, 30);
    const opened = await Promise.all(Array.from({ length: 8 }, () => fillBackfills(harness.parts)));
    expect(opened.reduce((sum, one) => sum + one, 0)).toBe(1);
  });
});
