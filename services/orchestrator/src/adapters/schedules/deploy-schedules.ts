import { VigilError } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import { inspectDefinition, parseDefinition, schedulesOf, schedulesSchema, workflowSchema } from '@vigil/definitions';
import { isTimed } from '@vigil/workflows';
import type { DefinitionHooks } from '../../domain/runs/ports.ts';
import { groupSchedules, ownSchedules, type NamedSchedule } from '../../domain/schedules/schedule.ts';

export interface ScheduleSet {
  /** `definition`, or the group that they are deployed with. */
  readonly origin: string;
  /** Null = of any workflow: the whole group. */
  readonly workflow: string | null;
  readonly schedules: readonly NamedSchedule[];
  readonly by: string;
}

const removeSql = `
  DELETE FROM orchestration.schedule WHERE origin = $1 AND ($2::text IS NULL OR workflow = $2) AND schedule_id <> ALL($3)`;

/**
 * A new schedule counts from now on, an edited one from where it stood: its times since then are decided about by what it
 * says now. One of the clock is looked at right away. A continuous one is due at once.
 */
const keepSql = `
  INSERT INTO orchestration.schedule AS s (schedule_id, workflow, kind, spec, parameters, enabled, origin, next_fire_at, considered_until, changed_by)
  SELECT id, workflow, kind, spec, parameters, enabled, $1, CASE WHEN timed THEN clock_timestamp() END,
    clock_timestamp() - coalesce((spec->>'interval')::bigint, 0) * interval '1 millisecond', $2
  FROM unnest($3::text[], $4::text[], $5::text[], $6::jsonb[], $7::boolean[], $8::jsonb[], $9::boolean[])
    AS n(id, workflow, kind, spec, timed, parameters, enabled)
  ON CONFLICT (schedule_id) DO UPDATE SET workflow = excluded.workflow, kind = excluded.kind, spec = excluded.spec,
    parameters = excluded.parameters, origin = excluded.origin, next_fire_at = excluded.next_fire_at, changed_at = clock_timestamp(), changed_by = excluded.changed_by
  WHERE (s.workflow, s.kind, s.spec, s.parameters, s.origin)
    IS DISTINCT FROM (excluded.workflow, excluded.kind, excluded.spec, excluded.parameters, excluded.origin)`;

/** Makes the schedules of one origin those that are given: others of it end. */
async function keepSchedules(transaction: Transaction, { origin, workflow, schedules, by }: ScheduleSet): Promise<void> {
  await transaction.query(removeSql, [origin, workflow, schedules.map(({ scheduleId }) => scheduleId)]);
  if (schedules.length === 0) return;
  await transaction.query(keepSql, [
    origin,
    by,
    schedules.map(({ scheduleId }) => scheduleId),
    schedules.map((schedule) => schedule.workflow),
    schedules.map(({ definition }) => definition.type),
    schedules.map(({ definition }) => JSON.stringify(definition)),
    schedules.map(({ definition }) => isTimed(definition)),
    schedules.map(({ parameters }) => JSON.stringify(parameters)),
    schedules.map(({ enabled }) => enabled),
  ]);
}

/** Brings the schedules of a definition into force with it. */
export const keepOwnSchedules: NonNullable<DefinitionHooks<Transaction>['inForce']> = async (transaction, { workflow, text }, by) => {
  const read = inspectDefinition(text, workflowSchema);
  // Deployed by an earlier version of this program: its schedules stay as they are.
  if (!read.ok) return;
  await keepSchedules(transaction, { origin: 'definition', workflow, schedules: ownSchedules(workflow, schedulesOf(read.value)), by });
};

const knownSql = 'SELECT workflow FROM orchestration.workflow WHERE workflow = ANY($1)';

export interface ScheduleGroup {
  /** Name of the file. */
  readonly group: string;
  /** YAML. */
  readonly text: string;
  readonly by: string;
}

/**
 * Deploys a file of schedules: those that it no longer names end.
 *
 * @returns their ids
 * @throws VigilError BAD_DEFINITION with every problem, WORKFLOW_UNKNOWN where one is of a workflow that is not deployed
 */
export async function deployScheduleGroup(transaction: Transaction, { group, text, by }: ScheduleGroup): Promise<string[]> {
  const schedules = groupSchedules(parseDefinition(text, `${group}.yaml`, schedulesSchema));
  const workflows = [...new Set(schedules.map(({ workflow }) => workflow))];
  const { rows } = await transaction.query<{ workflow: string }>(knownSql, [workflows]);
  const unknown = workflows.filter((name) => !rows.some(({ workflow }) => workflow === name));
  if (unknown.length > 0) throw new VigilError('WORKFLOW_UNKNOWN', { detail: unknown.join(', ') });
  await keepSchedules(transaction, { origin: group, workflow: null, schedules, by });
  return schedules.map(({ scheduleId }) => scheduleId);
}
