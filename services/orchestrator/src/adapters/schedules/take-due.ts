import { inTransaction, type Transaction } from '@vigil/postgres';
import { decideFires, nextWakeAt, type FireDecision, type OpenRun, type TimedSchedule } from '@vigil/workflows';
import type pg from 'pg';
import type { NewRun, RunStore } from '../../domain/runs/run-store.ts';
import type { Postponed } from '../../domain/schedules/postponed.ts';
import type { Taken } from '../../domain/schedules/taken.ts';
import type { WithDefaults } from './with-defaults.ts';
import { cancelsOf, runIdOf, runOf, type FireCause } from './fire-run.ts';
import { fromMs, msOf, readClock, readOpenRuns, type ScheduleRow } from './schedule-row.ts';

type DueRow = ScheduleRow & { readonly spec: TimedSchedule };

/** `only` narrows it to one schedule, when another one of the batch cannot be decided about. */
const claimSql = `
  SELECT s.schedule_id AS "scheduleId", s.workflow, w.version, s.parameters, s.spec, ${msOf('s.considered_until')} AS "consideredUntilMs"
  FROM orchestration.schedule s JOIN orchestration.workflow w USING (workflow)
  WHERE s.enabled AND w.enabled AND s.next_fire_at <= clock_timestamp() AND ($2::text IS NULL OR s.schedule_id = $2)
  ORDER BY s.next_fire_at, s.schedule_id LIMIT $1 FOR UPDATE OF s SKIP LOCKED`;

const firesSql = `
  INSERT INTO orchestration.fire (schedule_id, scheduled_for, decision, run_id)
  SELECT id, ${fromMs('at')}, decision, run FROM unnest($1::text[], $2::bigint[], $3::text[], $4::uuid[]) AS f(id, at, decision, run)
  ON CONFLICT (schedule_id, scheduled_for) DO NOTHING
  RETURNING schedule_id AS "scheduleId", ${msOf('scheduled_for')} AS "scheduledFor"`;

const moveOnSql = `
  UPDATE orchestration.schedule s SET considered_until = ${fromMs('$2')}, next_fire_at = ${fromMs('f.next')}
  FROM unnest($1::text[], $3::bigint[]) AS f(id, next) WHERE s.schedule_id = f.id`;

interface Fire extends FireDecision {
  readonly schedule: DueRow;
}

const causeOf = ({ schedule, scheduledFor }: Fire): FireCause => ({
  scheduleId: schedule.scheduleId,
  workflow: schedule.workflow,
  parameters: schedule.parameters,
  trigger: schedule.spec.type,
  cause: String(scheduledFor),
  detail: {},
  scheduledForMs: scheduledFor,
});

const firesOf = (due: readonly DueRow[], open: ReadonlyMap<string, OpenRun[]>, nowMs: number): Fire[] =>
  due.flatMap((schedule) =>
    decideFires({
      schedule: schedule.spec,
      consideredUntil: schedule.consideredUntilMs,
      nowMs,
      openRuns: open.get(schedule.scheduleId) ?? [],
    }).map((decision) => ({
      ...decision,
      // A run that is always there is about no time: its successor may begin within the interval that its predecessor began in.
      scheduledFor: schedule.spec.type === 'continuous' ? nowMs : decision.scheduledFor,
      schedule,
    })),
  );

/** Only fires that nobody wrote before count: whoever raced us started their runs. */
async function writeFires(transaction: Transaction, fires: readonly Fire[]): Promise<Fire[]> {
  const runIds = fires.map((fire) => (runOf(causeOf(fire), fire) === null ? null : runIdOf(causeOf(fire))));
  const { rows } = await transaction.query<{ scheduleId: string; scheduledFor: number }>(firesSql, [
    fires.map(({ schedule }) => schedule.scheduleId),
    fires.map(({ scheduledFor }) => scheduledFor),
    fires.map(({ decision }) => decision),
    runIds,
  ]);
  const written = new Set(rows.map(({ scheduleId, scheduledFor }) => `${scheduleId} ${scheduledFor}`));
  return fires.filter(({ schedule, scheduledFor }) => written.has(`${schedule.scheduleId} ${scheduledFor}`));
}

export interface DueParts {
  readonly pool: pg.Pool;
  readonly runs: RunStore<Transaction>;
  readonly withDefaults: WithDefaults;
  /** What cannot be started for now: schedules by their triggers, backfills, runs. */
  readonly postponed: Postponed;
  /** Told of each that was put off. */
  readonly onPostponed: (of: 'trigger' | 'backfill' | 'run', error: unknown) => void;
}

/** Puts one off that cannot be started. */
export const postponeOf =
  ({ postponed, onPostponed }: DueParts, of: Parameters<DueParts['onPostponed']>[0]) =>
  async (name: string, error: unknown): Promise<void> => {
    postponed.add(name);
    onPostponed(of, error);
  };

/**
 * Decides about schedules that are due, their fires, runs and new time in one transaction. Any number of processes may do it
 * at once: a schedule is locked by one of them, and a time fires once.
 *
 * @param only  one schedule; null = all that are due, at most `most`
 */
export const takeDue = ({ pool, runs, withDefaults }: DueParts, most: number, only: string | null = null): Promise<Taken> =>
  inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<DueRow>(claimSql, [most, only]);
    const due = await withDefaults(rows);
    if (due.length === 0) return { schedules: 0, started: 0, lateMs: 0 };
    const nowMs = await readClock(transaction);
    const open = await readOpenRuns(
      transaction,
      due.map(({ scheduleId }) => scheduleId),
    );
    const fires = await writeFires(transaction, firesOf(due, open, nowMs));
    const cancels = fires.flatMap(({ schedule, cancels = [] }) => cancelsOf(schedule.scheduleId, cancels));
    if (cancels.length > 0) await runs.stepIn(transaction, cancels);
    const wanted = fires.map((fire) => runOf(causeOf(fire), fire)).filter((run): run is NewRun => run !== null);
    if (wanted.length > 0) await runs.requestIn(transaction, wanted);
    await transaction.query(moveOnSql, [due.map(({ scheduleId }) => scheduleId), nowMs, due.map(({ spec }) => nextWakeAt(spec, nowMs))]);
    const started = fires.filter(({ decision }) => decision === 'started');
    return {
      schedules: due.length,
      started: wanted.length,
      lateMs: Math.max(0, ...started.map(({ scheduledFor }) => nowMs - scheduledFor)),
    };
  });

const dueIdsSql = `
  SELECT s.schedule_id AS "scheduleId" FROM orchestration.schedule s JOIN orchestration.workflow w USING (workflow)
  WHERE s.enabled AND w.enabled AND s.next_fire_at <= clock_timestamp() ORDER BY s.next_fire_at LIMIT $1`;
const postponeSql = `
  UPDATE orchestration.schedule SET next_fire_at = clock_timestamp() + interval '30 seconds' WHERE schedule_id = $1`;

/** One at a time, after a batch failed: what cannot be decided about is looked at again in half a minute, the others go on. */
export async function takeDueSingly(parts: DueParts, most: number, onFailed: (scheduleId: string, error: unknown) => void): Promise<Taken> {
  const { rows } = await parts.pool.query<{ scheduleId: string }>(dueIdsSql, [most]);
  const taken = { schedules: 0, started: 0, lateMs: 0 };
  for (const { scheduleId } of rows) {
    try {
      const one = await takeDue(parts, 1, scheduleId);
      taken.schedules += one.schedules;
      taken.started += one.started;
      taken.lateMs = Math.max(taken.lateMs, one.lateMs);
    } catch (error) {
      onFailed(scheduleId, error);
      await parts.pool.query(postponeSql, [scheduleId]);
    }
  }
  return taken;
}

const nextSql = `
  SELECT ${msOf('min(s.next_fire_at)')} - ${msOf('clock_timestamp()')} AS "inMs"
  FROM orchestration.schedule s JOIN orchestration.workflow w USING (workflow) WHERE s.enabled AND w.enabled`;

/** Milliseconds until the next schedule is due, by the database's clock; null = none ever is. */
export async function readNextDue(pool: pg.Pool): Promise<number | null> {
  const { rows } = await pool.query<{ inMs: number | null }>(nextSql);
  return rows[0]?.inMs ?? null;
}
