import { topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { sha256OfDefinition } from '@vigil/definitions';
import { inTransaction, toDatabaseError, type Transaction } from '@vigil/postgres';
import type { RunPlan } from '@vigil/workflows';
import type pg from 'pg';
import type { DefinitionHooks, DefinitionStore, Deployed, StoredDefinition, WorkflowSummary } from '../../domain/runs/definition-store.ts';
import type { FindPlan } from './new-runs.ts';
import { putOut } from './outbox-rows.ts';

export interface DefinitionStoreOptions {
  readonly pool: pg.Pool;
  /** @throws VigilError BAD_DEFINITION with line and column */
  readonly compile: (text: string, version: { readonly version: number; readonly sha256: string }) => RunPlan;
  /** Ends of the record topics, by topic-partition: from there on a new version is in force. */
  readonly readEnds: () => Promise<Readonly<Record<string, number>>>;
  readonly hooks: DefinitionHooks<Transaction>;
  /** After the commit of a deployment. */
  readonly onDeployed: () => void;
}

const columns = `d.workflow, d.version, d.sha256, d.text, d.plan, (extract(epoch FROM d.deployed_at) * 1000)::bigint AS "deployedAtMs",
  d.deployed_by AS "deployedBy"`;

/** Plans of versions, each read once: a version never changes. */
export function createPlanCache(): { readonly findPlan: FindPlan } {
  const plans = new Map<string, RunPlan>();
  return {
    async findPlan(transaction, workflow, version) {
      const name = `${version} ${workflow}`;
      const known = plans.get(name);
      if (known) return known;
      const { rows } = await transaction.query<{ plan: RunPlan }>(
        'SELECT plan FROM orchestration.definition WHERE workflow = $1 AND version = $2',
        [workflow, version],
      );
      const plan = rows[0]?.plan ?? null;
      if (plan) plans.set(name, plan);
      return plan;
    },
  };
}

/** One deployment of a workflow at a time: two would give one number to two texts. */
const lockSql = 'SELECT pg_advisory_xact_lock(hashtext($1))';
const knownSql = `
  SELECT ${columns}, w.version AS "inForce", (SELECT max(version) FROM orchestration.definition m WHERE m.workflow = $1) AS last
  FROM (SELECT $1::text AS workflow) n LEFT JOIN orchestration.definition d ON d.workflow = n.workflow AND d.sha256 = $2
  LEFT JOIN orchestration.workflow w ON w.workflow = n.workflow`;
const insertSql = `
  INSERT INTO orchestration.definition AS d (workflow, version, sha256, text, plan, deployed_by) VALUES ($1, $2, $3, $4, $5, $6)
  RETURNING ${columns}`;
const inForceSql = `
  INSERT INTO orchestration.workflow (workflow, version, changed_by) VALUES ($1, $2, $3)
  ON CONFLICT (workflow) DO UPDATE SET version = EXCLUDED.version, changed_by = EXCLUDED.changed_by, changed_at = clock_timestamp()`;

interface KnownRow extends StoredDefinition {
  readonly inForce: number | null;
  readonly last: number | null;
}

interface Deployment {
  readonly text: string;
  readonly by: string;
  readonly inForceFrom: Readonly<Record<string, number>>;
}

/** Definitions as they were deployed. */
export function createDefinitionStore(options: DefinitionStoreOptions, { findPlan }: { readonly findPlan: FindPlan }): DefinitionStore {
  const { pool, compile, readEnds, hooks, onDeployed } = options;

  const ask = async <Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };

  const bringIntoForce = async (transaction: Transaction, definition: StoredDefinition, { by, inForceFrom }: Deployment): Promise<void> => {
    const { workflow, version, sha256, text } = definition;
    await transaction.query(inForceSql, [workflow, version, by]);
    const { rows } = await transaction.query<{ nowMs: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "nowMs"');
    const value = {
      workflow,
      version,
      sha256,
      definition: text,
      deployedAt: rows[0]?.nowMs ?? 0,
      deployedBy: by,
      inForceFrom,
    };
    await putOut(transaction, [{ topic: topics.parametersChanged.name, key: `${workflow}/${version}`, value }], 0);
    await hooks.inForce?.(transaction, definition, by);
  };

  const deployIn = async (transaction: Transaction, deployment: Deployment): Promise<Deployed> => {
    const { text, by } = deployment;
    const sha256 = sha256OfDefinition(text);
    const { workflow } = compile(text, { version: 0, sha256 });
    await transaction.query(lockSql, [`deploy ${workflow}`]);
    const known = (await transaction.query<KnownRow>(knownSql, [workflow, sha256])).rows[0];
    if (known && known.version !== null) {
      if (known.inForce === known.version) return { workflow, version: known.version, sha256, outcome: 'unchanged' };
      await bringIntoForce(transaction, known, deployment);
      return { workflow, version: known.version, sha256, outcome: 'returned' };
    }
    const version = (known?.last ?? 0) + 1;
    const plan = compile(text, { version, sha256 });
    const { rows } = await transaction.query<StoredDefinition>(insertSql, [workflow, version, sha256, text, JSON.stringify(plan), by]);
    await bringIntoForce(transaction, rows[0] as StoredDefinition, deployment);
    return { workflow, version, sha256, outcome: 'created' };
  };

  const turn = (workflow: string, enabled: boolean, by: string): Promise<void> =>
    inTransaction(pool, async (transaction) => {
      const { rowCount } = await transaction.query(
        'UPDATE orchestration.workflow SET enabled = $2, changed_by = $3, changed_at = clock_timestamp() WHERE workflow = $1',
        [workflow, enabled, by],
      );
      if (rowCount !== 1) throw new VigilError('WORKFLOW_UNKNOWN', { detail: `Workflow ${workflow}.` });
      await hooks.switched?.(transaction, { workflow, enabled, by });
    });

  return {
    async deploy(text, by) {
      // Before the transaction, which must not wait for Kafka: a few records more count under the new version.
      const inForceFrom = await readEnds();
      const deployed = await inTransaction(pool, (transaction) => deployIn(transaction, { text, by, inForceFrom }));
      if (deployed.outcome !== 'unchanged') onDeployed();
      return deployed;
    },
    enable: (workflow, by) => turn(workflow, true, by),
    disable: (workflow, by) => turn(workflow, false, by),
    list: () =>
      ask<WorkflowSummary>(
        `SELECT w.workflow, w.version, d.sha256, w.enabled, (extract(epoch FROM d.deployed_at) * 1000)::bigint AS "deployedAtMs",
          d.deployed_by AS "deployedBy"
         FROM orchestration.workflow w JOIN orchestration.definition d USING (workflow, version) ORDER BY w.workflow`,
        [],
      ),
    async find(workflow, version) {
      const rows = await ask<StoredDefinition>(
        `SELECT ${columns} FROM orchestration.definition d LEFT JOIN orchestration.workflow w USING (workflow)
         WHERE d.workflow = $1 AND d.version = coalesce($2, w.version)`,
        [workflow, version],
      );
      return rows[0] ?? null;
    },
    planOf: (workflow, version) => inTransaction(pool, (transaction) => findPlan(transaction, workflow, version)),
  };
}
