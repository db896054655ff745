import { VigilError } from '@vigil/core';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf } from '../dlq/operator.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { OrchestratorApi } from '../workflows/orchestrator-api.ts';
import type { Deployment, Page, ShownDetail, ShownPool, ShownWorkflow } from '../workflows/shown.ts';
import { poolsText, workflowsText, workflowText } from '../workflows/workflow-text.ts';
import type { Deployed } from '../workflows/deploy-workflows.ts';
import { workflowsCommand } from './workflows-command.ts';

interface ByFlags {
  readonly as?: string;
  readonly reason?: string;
}

const open = async (): Promise<OrchestratorApi> => (await import('../workflows/orchestrator-api.ts')).findOrchestratorApi();

/** Every page of a list. */
async function readAll<Item>(api: OrchestratorApi, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await api.get<Page<Item>>(path, { limit: 500, cursor });
    items.push(...page.items);
    more = page.next !== null;
    cursor = page.next ?? undefined;
  }
  return items;
}

const deploy = async (paths: readonly string[], by: string): Promise<Deployed> =>
  (await import('../workflows/deploy-workflows.ts')).deployWorkflows(await open(), paths, by);

const words: Readonly<Record<Deployment['outcome'], string>> = { created: 'deployed', returned: 'in force again', unchanged: 'unchanged' };

const deployText = ({ workflows, schedules }: Deployed): string =>
  [
    ...workflows.map(({ workflow, version, outcome }) => `${workflow}, version ${version}: ${words[outcome]}`),
    ...schedules.map(({ file, schedules }) => `${file}: ${schedules.length} schedules`),
  ].join('\n');

/** A schedule is named by its id, which holds a slash; anything else is a workflow. */
const pathOf = (target: string): string =>
  target.includes('/') ? `/v1/schedules/${encodeURIComponent(target)}` : `/v1/workflows/${target}`;

/** `vigil workflows deploy|list|show|enable|disable|pools`. */
export const registerWorkflowDeployments: RegisterCommand = (program, io) => {
  const workflows = workflowsCommand(program);

  defineCommand(workflows, {
    name: 'deploy <paths...>',
    summary: 'bring definitions and files of schedules into force; a folder stands for its definitions/ and schedules/',
    examples: ['vigil workflows deploy workflows', 'vigil workflows deploy workflows/definitions/claims_processing_workflow.yaml --json'],
  })
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action(async (paths: string[], flags: ByFlags) => io.result(await deploy(paths, operatorOf(flags.as)), deployText));

  defineCommand(workflows, {
    name: 'list',
    summary: 'what is deployed, what runs, what comes next',
    examples: ['vigil workflows list --json'],
  }).action(async () => {
    const items = await readAll<ShownWorkflow>(await open(), '/v1/workflows');
    io.result({ workflows: items }, (result) => workflowsText(result.workflows));
  });

  defineCommand(workflows, {
    name: 'show <workflow>',
    summary: 'a workflow with its tasks, schedules and versions',
    examples: ['vigil workflows show claims_processing_workflow', 'vigil workflows show claims_processing_workflow --at-version 2 --text'],
  })
    .option('--at-version <number>', 'another version than the one in force')
    .option('--text', 'the definition as it was deployed')
    .action(async (workflow: string, flags: { readonly atVersion?: string; readonly text?: boolean }) => {
      const version = flags.atVersion === undefined ? undefined : wholeNumber('--at-version', flags.atVersion);
      const shown = await (await open()).get<ShownDetail>(`/v1/workflows/${workflow}`, { version });
      io.result(shown, (result) => (flags.text === true ? result.text : workflowText(result)));
    });

  for (const action of ['enable', 'disable'] as const) {
    defineCommand(workflows, {
      name: `${action} <target>`,
      summary: `${action} a workflow, or one of its schedules (workflow/name); what passes while it is disabled is caught up as the schedule says`,
      examples: [
        `vigil workflows ${action} claims_processing_workflow`,
        `vigil workflows ${action} claims_processing_workflow/office_hours`,
      ],
    })
      .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
      .action(async (target: string, flags: ByFlags) => {
        const changed = await (
          await open()
        ).post<{ readonly enabled: boolean }>(`${pathOf(target)}/${action}`, { by: operatorOf(flags.as) });
        io.result(changed, () => `${target} is ${action}d`);
      });
  }

  defineCommand(workflows, {
    name: 'pools [pool]',
    summary: 'what pools of workers have, and who holds it; with --slots, change it',
    examples: ['vigil workflows pools', 'vigil workflows pools batch --slots 8'],
  })
    .option('--slots <count>', 'slots that the pool is to have')
    .action(async (pool: string | undefined, { slots }: { readonly slots?: string }) => {
      if (slots !== undefined && pool === undefined) throw new VigilError('BAD_USAGE', { detail: 'Name the pool that --slots is about.' });
      const api = await open();
      if (pool !== undefined && slots !== undefined) await api.put(`/v1/pools/${pool}`, { slots: wholeNumber('--slots', slots) });
      const { items } = await api.get<{ readonly items: readonly ShownPool[] }>('/v1/pools');
      io.result({ pools: items.filter((item) => pool === undefined || item.pool === pool) }, (result) => poolsText(result.pools));
    });
};
