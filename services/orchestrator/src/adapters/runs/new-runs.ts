import { VigilError } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import type { RunPlan } from '@vigil/workflows';
import { declaredParameters } from '../../domain/schedules/given-parameters.ts';
import type { NewRun, RequestedRun } from '../../domain/runs/run-store.ts';
import { readUnmetNeeds } from './unmet-needs.ts';

export type FindPlan = (transaction: Transaction, workflow: string, version: number) => Promise<RunPlan | null>;

const inForceSql = 'SELECT workflow, version FROM orchestration.workflow WHERE workflow = ANY($1::text[])';

/** Versions that new runs of workflows begin with. */
export async function readInForce(transaction: Transaction, workflows: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await transaction.query<{ workflow: string; version: number }>({
    name: 'in-force',
    text: inForceSql,
    values: [workflows],
  });
  return new Map(rows.map(({ workflow, version }) => [workflow, version]));
}

const textSql = 'SELECT text FROM orchestration.definition WHERE workflow = $1 AND version = $2';

/** Defaults of the parameters that a version of a workflow declares, by name. */
export type FindDefaults = (transaction: Transaction, workflow: string, version: number) => Promise<Readonly<Record<string, unknown>>>;

/** Each version is read once: it never changes. */
export function createFindDefaults(): FindDefaults {
  const known = new Map<string, Readonly<Record<string, unknown>>>();
  return async (transaction, workflow, version) => {
    const name = `${version} ${workflow}`;
    const found = known.get(name);
    if (found) return found;
    const { rows } = await transaction.query<{ text: string }>(textSql, [workflow, version]);
    const declared = Object.entries(declaredParameters(rows[0]?.text ?? ''));
    const defaults = Object.fromEntries(declared.flatMap(([key, value]) => (value.default === undefined ? [] : [[key, value.default]])));
    known.set(name, defaults);
    return defaults;
  };
}

const insertSql = `
  INSERT INTO orchestration.run (run_id, workflow, version, batch_id, status, priority, trigger, trigger_detail, schedule_id, scheduled_for,
    parameters, parent_run_id, parent_task, parent_part, idempotency_key, requested_by)
  SELECT "runId", workflow, version, "runId"::text, status, priority, trigger, detail, "scheduleId",
    to_timestamp("scheduledForMs"::double precision / 1000), parameters, "parentRunId", "parentTask", "parentPart", "idempotencyKey", "requestedBy"
  FROM jsonb_to_recordset($1::jsonb) AS n ("runId" uuid, workflow text, version integer, status text, priority smallint, trigger text, detail jsonb,
    "scheduleId" text, "scheduledForMs" bigint, parameters jsonb, "parentRunId" uuid, "parentTask" text, "parentPart" integer,
    "idempotencyKey" text, "requestedBy" text)
  ORDER BY n."idempotencyKey", n."runId"
  ON CONFLICT DO NOTHING RETURNING run_id AS "runId"`;

/** A run that another run started stands in the plan of that one, which says when it is due: it waits for nothing else. */
const needsOf = (run: NewRun, plan: RunPlan): readonly string[] => (run.parent ? [] : (plan.needs ?? []));

const toRow = (run: NewRun, plan: RunPlan): object => ({
  runId: run.runId,
  workflow: run.workflow,
  version: plan.version,
  status: run.begins === 'waiting' || needsOf(run, plan).length > 0 ? 'waiting' : 'running',
  priority: run.priority ?? plan.priority,
  trigger: run.trigger,
  detail: run.triggerDetail ?? {},
  scheduleId: run.scheduleId ?? null,
  scheduledForMs: run.scheduledForMs ?? null,
  parameters: run.parameters ?? {},
  parentRunId: run.parent?.runId ?? null,
  parentTask: run.parent?.task ?? null,
  parentPart: run.parent?.part ?? null,
  idempotencyKey: run.idempotencyKey ?? null,
  requestedBy: run.requestedBy,
});

const earlierSql = `
  SELECT run_id AS "runId", idempotency_key AS "idempotencyKey" FROM orchestration.run WHERE run_id = ANY($1::uuid[]) OR idempotency_key = ANY($2::text[])`;

async function findEarlier(transaction: Transaction, runs: readonly NewRun[]): Promise<ReadonlyMap<NewRun, string>> {
  if (runs.length === 0) return new Map();
  const keys = runs.flatMap(({ idempotencyKey }) => idempotencyKey ?? []);
  const { rows } = await transaction.query<{ runId: string; idempotencyKey: string | null }>(earlierSql, [
    runs.map(({ runId }) => runId),
    keys,
  ]);
  return new Map(
    runs.flatMap((run) => {
      const found = rows.find(
        ({ runId, idempotencyKey }) => runId === run.runId || (idempotencyKey && idempotencyKey === run.idempotencyKey),
      );
      return found ? [[run, found.runId] as const] : [];
    }),
  );
}

export interface InsertedRuns {
  readonly requested: readonly RequestedRun[];
  /** Created runs that may begin at once. */
  readonly ready: readonly string[];
}

/**
 * Rows of new runs. Those with an id or an idempotency key that was used before are left out and answered with the first.
 *
 * @throws VigilError WORKFLOW_UNKNOWN
 */
export async function insertRuns(transaction: Transaction, runs: readonly NewRun[], findPlan: FindPlan): Promise<InsertedRuns> {
  const inForce = await readInForce(transaction, [...new Set(runs.map(({ workflow }) => workflow))]);
  const rows: object[] = [];
  const needy = new Set<string>();
  for (const run of runs) {
    const version = run.version ?? inForce.get(run.workflow) ?? 0;
    const plan = await findPlan(transaction, run.workflow, version);
    if (!plan) throw new VigilError('WORKFLOW_UNKNOWN', { detail: `Workflow ${run.workflow}, version ${run.version ?? 'in force'}.` });
    rows.push(toRow(run, plan));
    if (needsOf(run, plan).length > 0) needy.add(run.runId);
  }
  const inserted = await transaction.query<{ runId: string }>({ name: 'insert-runs', text: insertSql, values: [JSON.stringify(rows)] });
  const created = new Set(inserted.rows.map(({ runId }) => runId));
  const earlier = await findEarlier(
    transaction,
    runs.filter(({ runId }) => !created.has(runId)),
  );
  const requested = runs.map((run): RequestedRun => {
    const known = earlier.get(run);
    return known === undefined ? { runId: run.runId, outcome: 'created' } : { runId: known, outcome: 'exists' };
  });
  const fresh = runs.filter(({ runId, begins }) => created.has(runId) && begins !== 'waiting').map(({ runId }) => runId);
  const unmet = await readUnmetNeeds(
    transaction,
    fresh.filter((runId) => needy.has(runId)),
  );
  return { requested, ready: fresh.filter((runId) => unmet.every((need) => need.runId !== runId)) };
}
