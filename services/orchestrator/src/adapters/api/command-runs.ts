import { hash, randomUUID } from 'node:crypto';
import type { Transaction } from '@vigil/postgres';
import type pg from 'pg';
import { ApiProblem } from '../../api/problem.ts';
import type { Handlers } from '../../api/routes.ts';
import type { DefinitionStore, NewRun, RunStore, StepResult, UntimedInput } from '../../domain/runs/ports.ts';
import { readRun } from './read-runs.ts';
import { toRun, type Run } from './run-rows.ts';
import { declaredParameters, givenParameters } from '../../domain/schedules/given-parameters.ts';

export interface RunCommandParts {
  readonly pool: pg.Pool;
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
}

type RunCommands = Pick<Handlers, 'requestRun' | 'pauseRun' | 'resumeRun' | 'cancelRun' | 'retryRun' | 'moveRun' | 'decideApproval'>;

const whyNot = {
  'stale-epoch': 'it has gone on meanwhile',
  'no-such-task': 'it has no such task',
  'not-now': 'it is not in a state for that',
  'run-has-ended': 'it has ended',
} as const;

/** @throws ApiProblem RUN_UNKNOWN, RUN_NOT_SO where an input did not count */
function requireApplied(runId: string, results: readonly StepResult[]): void {
  for (const result of results) {
    if (result.outcome === 'unknown-run') throw new ApiProblem('RUN_UNKNOWN', runId);
    if (result.outcome === 'ignored') throw new ApiProblem('RUN_NOT_SO', `It is ${result.status}, and ${whyNot[result.why]}.`);
  }
}

/** JSON with its keys in order: two bodies that mean the same are the same. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** Names what was asked; a repeat of the same has the same. */
const requestHash = (body: unknown): string => hash('sha256', canonical(body), 'hex').slice(0, 32);

const approvalSql = 'SELECT approvers, decision FROM orchestration.approval WHERE run_id = $1 AND task = $2';

/** @throws ApiProblem RUN_UNKNOWN, RUN_NOT_SO, NO_APPROVER */
async function requireApprover(pool: pg.Pool, { runId, task, by }: { runId: string; task: string; by: string }): Promise<void> {
  await readRun(pool, runId);
  const { rows } = await pool.query<{ approvers: readonly string[]; decision: string | null }>(approvalSql, [runId, task]);
  const [asked] = rows;
  if (asked === undefined) throw new ApiProblem('RUN_NOT_SO', `${task} asks nobody to approve it.`);
  if (asked.decision !== null) throw new ApiProblem('RUN_NOT_SO', `${task} was ${asked.decision} already.`);
  if (asked.approvers.length > 0 && !asked.approvers.includes(by)) throw new ApiProblem('NO_APPROVER', `${asked.approvers.join(', ')}.`);
}

type RequestBody = Parameters<Handlers['requestRun']>[0]['body'];

async function requestRun(
  { pool, runs, definitions }: RunCommandParts,
  { by, ...body }: RequestBody,
  key: string | null,
): Promise<{ status: 200 | 201; body: Run }> {
  const definition = await definitions.find(body.workflow, null);
  if (definition === null) throw new ApiProblem('WORKFLOW_UNKNOWN', body.workflow);
  const given = givenParameters(declaredParameters(definition.text), body.parameters);
  if (!given.ok) throw new ApiProblem('BAD_REQUEST', given.problems[0]?.message, { errors: given.problems });
  const asked = requestHash(body);
  const run: NewRun = {
    runId: randomUUID(),
    workflow: body.workflow,
    version: null,
    trigger: body.trigger,
    triggerDetail: { ...(body.reason !== '' && { reason: body.reason }), ...(key !== null && { requestSha256: asked }) },
    scheduledForMs: body.scheduledFor === undefined ? null : Date.parse(body.scheduledFor),
    parameters: given.parameters,
    idempotencyKey: key === null ? null : `api:${key}`,
    requestedBy: by,
    priority: body.priority ?? null,
  };
  const [requested] = await runs.request([run]);
  const row = await readRun(pool, requested?.runId ?? run.runId);
  const isRepeat = requested?.outcome === 'exists';
  if (isRepeat && row.triggerDetail['requestSha256'] !== asked) throw new ApiProblem('IDEMPOTENCY_KEY_REUSED');
  return { status: isRepeat ? 200 : 201, body: toRun(row) };
}

/** What a person or program asks of runs. Each is one step of the run, so it is history, too. */
export function commandRuns(parts: RunCommandParts): RunCommands {
  const { pool, runs } = parts;
  const act = async (runId: string, input: UntimedInput): Promise<{ status: 200; body: Run }> => {
    requireApplied(runId, await runs.step([{ runId, messageId: null, input }]));
    return { status: 200, body: toRun(await readRun(pool, runId)) };
  };
  return {
    requestRun: ({ body, idempotencyKey }) => requestRun(parts, body, idempotencyKey),
    pauseRun: ({ params, body }) => act(params.runId, { kind: 'pause', ...body }),
    resumeRun: ({ params, body }) => act(params.runId, { kind: 'resume', ...body }),
    cancelRun: ({ params, body }) => act(params.runId, { kind: 'cancel', ...body }),
    retryRun: async ({ params, body: { task, ...by } }) => {
      if (task !== undefined) return act(params.runId, { kind: 'rerun', task, ...by });
      // Under its own version: from what did not succeed.
      const { version } = await readRun(pool, params.runId);
      return act(params.runId, { kind: 'move', version, ...by });
    },
    moveRun: async ({ params, body: { version, ...by } }) => {
      const { workflow } = await readRun(pool, params.runId);
      const definition = await parts.definitions.find(workflow, version ?? null);
      if (definition === null) throw new ApiProblem('WORKFLOW_UNKNOWN', `${workflow}, version ${version ?? 'in force'}`);
      return act(params.runId, { kind: 'move', version: definition.version, ...by });
    },
    decideApproval: async ({ params: { runId, task }, body: { decision, ...by } }) => {
      await requireApprover(pool, { runId, task, by: by.by });
      return act(runId, { kind: decision, task, ...by });
    },
  };
}
