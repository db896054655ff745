import { inTransaction, type Transaction } from '@vigil/postgres';
import { decideOverlap, type FireDecision } from '@vigil/workflows';
import type { NewRun } from '../../domain/runs/run-store.ts';
import type { KeptDefinition } from '../../domain/schedules/schedule.ts';
import { takeOneByOne } from '../one-by-one.ts';
import { cancelsOf, runIdOf, runOf, type FireCause } from './fire-run.ts';
import { readOpenRuns } from './schedule-row.ts';
import { postponeOf, type DueParts } from './take-due.ts';

type TriggeredDefinition = Extract<KeptDefinition, { type: 'event' | 'file' | 'upstream' }>;

/** What triggered a schedule, and is to be told once. */
export interface Trigger {
  readonly scheduleId: string;
  /** Names it: told again with the same name it changes nothing. */
  readonly cause: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Only of schedules that are in force: what happens while one is disabled starts nothing. */
const recordSql = `
  INSERT INTO orchestration.trigger_fire (schedule_id, cause, detail)
  SELECT t.id, t.cause, t.detail FROM unnest($1::text[], $2::text[], $3::jsonb[]) WITH ORDINALITY AS t(id, cause, detail, place)
  JOIN orchestration.schedule s ON s.schedule_id = t.id JOIN orchestration.workflow w USING (workflow)
  WHERE s.enabled AND w.enabled ORDER BY t.place ON CONFLICT (schedule_id, cause) DO NOTHING`;

/** Writes down what triggered schedules, in the caller's transaction; `takeTriggers` decides. @returns how many were new */
export async function recordTriggers(transaction: Transaction, triggers: readonly Trigger[]): Promise<number> {
  if (triggers.length === 0) return 0;
  const { rowCount } = await transaction.query(recordSql, [
    triggers.map(({ scheduleId }) => scheduleId),
    triggers.map(({ cause }) => cause),
    triggers.map(({ detail }) => JSON.stringify(detail)),
  ]);
  return rowCount ?? 0;
}

interface OpenTrigger extends Trigger {
  readonly workflow: string;
  readonly version: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly spec: TriggeredDefinition;
}

/** The schedule is locked, too: two processes must not both see that no run of it is open. $2 = not these schedules, $3 = only this one. */
const claimSql = `
  SELECT t.schedule_id AS "scheduleId", t.cause, t.detail, s.workflow, w.version, s.parameters, s.spec
  FROM orchestration.trigger_fire t JOIN orchestration.schedule s USING (schedule_id) JOIN orchestration.workflow w USING (workflow)
  WHERE t.decision IS NULL AND s.enabled AND w.enabled AND s.schedule_id <> ALL($2) AND ($3::text IS NULL OR s.schedule_id = $3)
  ORDER BY t.seq LIMIT $1 FOR UPDATE OF t, s SKIP LOCKED`;

const decidedSql = `
  UPDATE orchestration.trigger_fire t SET decision = d.decision, run_id = d.run, decided_at = clock_timestamp()
  FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) AS d(id, cause, decision, run)
  WHERE t.schedule_id = d.id AND t.cause = d.cause`;

interface DecidedTrigger {
  readonly trigger: OpenTrigger;
  readonly decision: FireDecision;
}

const causeOf = ({ scheduleId, workflow, parameters, spec, cause, detail }: OpenTrigger): FireCause => ({
  scheduleId,
  workflow,
  parameters,
  trigger: spec.type,
  cause,
  detail,
  scheduledForMs: null,
});

/** Decides by the place of each trigger among those of its schedule: they have no time of their own. */
async function decideAll(transaction: Transaction, open: readonly OpenTrigger[]): Promise<DecidedTrigger[]> {
  const bySchedule = Map.groupBy(open, ({ scheduleId }) => scheduleId);
  const openRuns = await readOpenRuns(transaction, [...bySchedule.keys()]);
  return [...bySchedule].flatMap(([scheduleId, triggers]) => {
    const { overlap } = (triggers[0] as OpenTrigger).spec;
    const decisions = decideOverlap(overlap, [...triggers.keys()], openRuns.get(scheduleId) ?? []);
    return decisions.map((decision) => ({ trigger: triggers[decision.scheduledFor] as OpenTrigger, decision }));
  });
}

interface TriggerScope {
  readonly most: number;
  /** One schedule; null = all that are not put off. */
  readonly only: string | null;
}

const takeOf = ({ pool, runs, withDefaults, postponed }: DueParts, { most, only }: TriggerScope): Promise<number> =>
  inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<OpenTrigger>(claimSql, [most, postponed.list(), only]);
    const open = await withDefaults(rows);
    if (open.length === 0) return 0;
    const decided = await decideAll(transaction, open);
    const cancels = decided.flatMap(({ trigger, decision }) => cancelsOf(trigger.scheduleId, decision.cancels ?? []));
    if (cancels.length > 0) await runs.stepIn(transaction, cancels);
    const wanted = decided.map(({ trigger, decision }) => runOf(causeOf(trigger), decision)).filter((run): run is NewRun => run !== null);
    if (wanted.length > 0) await runs.requestIn(transaction, wanted);
    await transaction.query(decidedSql, [
      decided.map(({ trigger }) => trigger.scheduleId),
      decided.map(({ trigger }) => trigger.cause),
      decided.map(({ decision }) => decision.decision),
      decided.map(({ trigger, decision }) => (runOf(causeOf(trigger), decision) === null ? null : runIdOf(trigger))),
    ]);
    return open.length;
  });

const openSchedulesSql = `
  SELECT t.schedule_id AS "scheduleId" FROM orchestration.trigger_fire t JOIN orchestration.schedule s USING (schedule_id)
  WHERE t.decision IS NULL AND s.schedule_id <> ALL($2) GROUP BY 1 ORDER BY min(t.seq) LIMIT $1`;

/**
 * Decides about what triggered schedules; its runs in the same transaction. A schedule whose triggers cannot be decided about
 * is looked at again in a minute and holds up no other. @returns how many triggers were decided about
 */
export async function takeTriggers(parts: DueParts, most: number): Promise<number> {
  const taken = await takeOneByOne({
    all: () => takeOf(parts, { most, only: null }),
    names: () =>
      inTransaction(parts.pool, async (transaction) => {
        const { rows } = await transaction.query<{ scheduleId: string }>(openSchedulesSql, [most, parts.postponed.list()]);
        return rows.map(({ scheduleId }) => scheduleId);
      }),
    one: (scheduleId) => takeOf(parts, { most, only: scheduleId }),
    postpone: postponeOf(parts, 'trigger'),
  });
  return taken.reduce((total, count) => total + count, 0);
}

const pruneSql = `
  DELETE FROM orchestration.trigger_fire WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM orchestration.trigger_fire WHERE decided_at < clock_timestamp() - interval '30 days' LIMIT $1))`;

/** Forgets what was decided a month ago: no source tells anything so late. */
export async function pruneTriggers({ pool }: DueParts, most: number): Promise<number> {
  return (await pool.query(pruneSql, [most])).rowCount ?? 0;
}
