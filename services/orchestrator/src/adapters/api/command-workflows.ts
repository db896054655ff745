import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { Handlers } from '../../api/routes.ts';
import type { DefinitionStore } from '../../domain/runs/definition-store.ts';
import { deployScheduleGroup } from '../schedules/deploy-schedules.ts';
import { switchSchedule } from '../schedules/switch-schedule.ts';
import { readSchedule, readWorkflow } from './read-workflows.ts';

export interface WorkflowCommandParts {
  readonly pool: pg.Pool;
  readonly definitions: DefinitionStore;
  /** Schedules changed: one may be due at once. */
  readonly nudge: () => void;
}

type WorkflowCommands = Pick<
  Handlers,
  'deployWorkflow' | 'enableWorkflow' | 'disableWorkflow' | 'deploySchedules' | 'enableSchedule' | 'disableSchedule'
>;

/** What a person or program changes about workflows and their schedules. */
export function commandWorkflows({ pool, definitions, nudge }: WorkflowCommandParts): WorkflowCommands {
  const inOne = async <Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> => {
    const result = await inTransaction(pool, work);
    nudge();
    return result;
  };
  const shown = async (workflow: string) => {
    nudge();
    return { status: 200, body: await readWorkflow(pool, workflow, null) } as const;
  };
  return {
    deployWorkflow: async ({ body: { text, by } }) => {
      const { workflow, version, sha256, outcome } = await definitions.deploy(text, by);
      const { schedules } = (await shown(workflow)).body;
      const body = { workflow, version, sha256, outcome, schedules: schedules.map(({ scheduleId }) => scheduleId) };
      return { status: outcome === 'created' ? 201 : 200, body };
    },
    enableWorkflow: async ({ params: { workflow }, body: { by } }) => {
      await definitions.enable(workflow, by);
      return shown(workflow);
    },
    disableWorkflow: async ({ params: { workflow }, body: { by } }) => {
      await definitions.disable(workflow, by);
      return shown(workflow);
    },
    deploySchedules: async ({ params: { group }, body: { text, by } }) => ({
      status: 200,
      body: { schedules: await inOne((transaction) => deployScheduleGroup(transaction, { group, text, by })) },
    }),
    enableSchedule: async ({ params: { scheduleId }, body: { by } }) => ({
      status: 200,
      body: await inOne(async (transaction) => {
        await switchSchedule(transaction, { scheduleId, enabled: true, by });
        return readSchedule(transaction, scheduleId);
      }),
    }),
    disableSchedule: async ({ params: { scheduleId }, body: { by } }) => ({
      status: 200,
      body: await inOne(async (transaction) => {
        await switchSchedule(transaction, { scheduleId, enabled: false, by });
        return readSchedule(transaction, scheduleId);
      }),
    }),
  };
}
