import type { Command } from 'commander';
import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type CommandTexts, type RegisterCommand } from '../define-command.ts';
import { operatorOf, reasonOf } from '../dlq/operator.ts';
import { moment } from '../options/moment.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { OrchestratorApi } from '../workflows/orchestrator-api.ts';
import { awaitRun, parametersOf } from '../workflows/run-options.ts';
import type { Page, ShownBackfill, ShownEvent, ShownRun, ShownWhy, TreeRun } from '../workflows/shown.ts';
import { backfillText, eventsText, runsText, treeText, whyText } from '../workflows/workflow-text.ts';
import { workflowsCommand } from './workflows-command.ts';

const open = async (): Promise<OrchestratorApi> => (await import('../workflows/orchestrator-api.ts')).findOrchestratorApi();

interface ByFlags {
  readonly as?: string;
  readonly reason?: string;
}

const asPerson = (command: Command): Command =>
  command
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .option('--reason <text>', 'why; kept in the history, never patient data');

const byOf = ({ as, reason }: ByFlags): { by: string; reason: string } => ({
  by: operatorOf(as),
  reason: reason === undefined ? '' : reasonOf('--reason', reason),
});

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

interface RunFlags extends ByFlags {
  readonly parameter?: readonly string[];
  readonly priority?: string;
  readonly key?: string;
  readonly wait?: string;
}

async function run(io: CliIo, workflow: string, flags: RunFlags): Promise<void> {
  const priority = flags.priority === undefined ? {} : { priority: wholeNumber('--priority', flags.priority, 0) };
  const wait = flags.wait === undefined ? null : wholeNumber('--wait', flags.wait);
  const api = await open();
  const body = { workflow, parameters: parametersOf(flags.parameter), trigger: 'manual', ...priority, ...byOf(flags) };
  const asked = await api.post<ShownRun>('/v1/runs', body, flags.key === undefined ? {} : { 'Idempotency-Key': flags.key });
  if (wait === null) return io.result({ run: asked }, (result) => `${result.run.runId}  ${result.run.status}`);
  io.progress(`run ${asked.runId} of ${workflow}, version ${asked.version}`);
  const ended = await awaitRun({ look: () => api.get<ShownRun>(`/v1/runs/${asked.runId}`), withinSeconds: wait });
  if (ended.status !== 'succeeded') io.exitWith(1);
  const { runs } = await api.get<{ readonly runs: readonly TreeRun[] }>(`/v1/runs/${asked.runId}/tree`);
  io.result({ run: ended, tree: runs }, (result) => treeText(result.tree));
}

interface ListFlags {
  readonly workflow?: string;
  readonly status?: string;
  readonly trigger?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

async function runs(io: CliIo, runId: string | undefined, flags: ListFlags): Promise<void> {
  const api = await open();
  if (runId !== undefined) {
    const tree = await api.get<{ readonly runs: readonly TreeRun[] }>(`/v1/runs/${runId}/tree`);
    return io.result(tree, (result) => treeText(result.runs));
  }
  const { workflow, status, trigger, cursor } = flags;
  const limit = flags.limit === undefined ? 20 : wholeNumber('--limit', flags.limit);
  const page = await api.get<Page<ShownRun>>('/v1/runs', { workflow, status, trigger, cursor, limit });
  io.result({ runs: page.items, next: page.next }, (result) => runsText(result.runs));
  if (page.next !== null) io.progress(`older ones: --cursor ${page.next}`);
}

async function logs(io: CliIo, runId: string): Promise<void> {
  const api = await open();
  const events: ShownEvent[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await api.get<Page<ShownEvent>>(`/v1/runs/${runId}/events`, { limit: 500, cursor });
    events.push(...page.items);
    more = page.next !== null;
    cursor = page.next ?? undefined;
  }
  io.result({ events }, (result) => eventsText(result.events));
}

/** One step of one person. */
async function act(io: CliIo, path: string, body: object): Promise<void> {
  const changed = await (await open()).post<ShownRun>(path, body);
  io.result({ run: changed }, (result) => `${result.run.runId}  ${result.run.status}`);
}

function registerLooks(workflows: Command, io: CliIo): void {
  const id = '3f2a9c0d-1b7e-4a65-908c-1d2e3f4a5b6c';
  defineCommand(workflows, {
    name: 'runs [run]',
    summary: 'runs, latest first; of one run its tree: tasks, and the runs that it started',
    examples: ['vigil workflows runs --workflow claims_processing_workflow --status failed', `vigil workflows runs ${id}`],
  })
    .option('--workflow <name>', 'of this workflow only')
    .option('--status <status>', 'waiting, running, paused, cancelling, succeeded, failed, cancelled, or open')
    .option('--trigger <trigger>', 'cron, interval, continuous, event, file, upstream, manual, api, backfill or workflow')
    .option('--limit <count>', 'how many; without it 20')
    .option('--cursor <text>', 'goes on behind a page')
    .action((runId: string | undefined, flags: ListFlags) => runs(io, runId, flags));
  defineCommand(workflows, {
    name: 'logs <run>',
    summary: 'the history of a run: everything that happened to it, in order',
    examples: [`vigil workflows logs ${id}`],
  }).action((runId: string) => logs(io, runId));
  defineCommand(workflows, {
    name: 'why <run>',
    summary: 'one sentence for each task that is not running, with what holds it',
    examples: [`vigil workflows why ${id}`],
  }).action(async (runId: string) => io.result(await (await open()).get<ShownWhy>(`/v1/runs/${runId}/why`), whyText));
}

function registerActs(workflows: Command, io: CliIo): void {
  const id = '3f2a9c0d-1b7e-4a65-908c-1d2e3f4a5b6c';
  const step = (texts: CommandTexts): Command => asPerson(defineCommand(workflows, texts));
  const plain = {
    pause: 'no further task starts; what runs goes on',
    resume: 'go on with a paused run',
    cancel: 'end a run; its workers are told to stop',
  };
  for (const [action, summary] of Object.entries(plain)) {
    step({ name: `${action} <run>`, summary, examples: [`vigil workflows ${action} ${id} --reason "disk is full"`] }).action(
      (runId: string, flags: ByFlags) => act(io, `/v1/runs/${runId}/${action}`, byOf(flags)),
    );
  }
  step({
    name: 'retry <run>',
    summary: 'run again what did not succeed; with --task that task and all behind it; with --fixed under the version in force',
    examples: [
      `vigil workflows retry ${id}`,
      `vigil workflows retry ${id} --task load`,
      `vigil workflows retry ${id} --fixed --reason "limit raised"`,
    ],
  })
    .option('--task <task>', 'this task and all behind it, also what succeeded')
    .option('--fixed', 'go on under the version in force, as it was deployed after a fix')
    .action((runId: string, flags: ByFlags & { readonly task?: string; readonly fixed?: boolean }) => {
      if (flags.fixed === true && flags.task !== undefined)
        throw new VigilError('BAD_USAGE', { detail: '--task and --fixed exclude each other.' });
      if (flags.fixed === true) return act(io, `/v1/runs/${runId}/move`, byOf(flags));
      return act(io, `/v1/runs/${runId}/retry`, { ...byOf(flags), ...(flags.task !== undefined && { task: flags.task }) });
    });
  step({
    name: 'approve <run> <task>',
    summary: 'approve what a task asks, or with --decline refuse it; only its approvers may',
    examples: [
      `vigil workflows approve ${id} sign_off --as carol`,
      `vigil workflows approve ${id} sign_off --decline --reason "see note 12" --as carol`,
    ],
  })
    .option('--decline', 'refuse it')
    .action((runId: string, task: string, flags: ByFlags & { readonly decline?: boolean }) =>
      act(io, `/v1/runs/${runId}/approvals/${task}`, { ...byOf(flags), decision: flags.decline === true ? 'declined' : 'approved' }),
    );
}

interface BackfillFlags extends ByFlags {
  readonly from?: string;
  readonly until?: string;
  readonly atOnce?: string;
  readonly key?: string;
}

async function startBackfill(
  io: CliIo,
  workflow: string,
  { from = '', until = '', atOnce = '1', key, ...flags }: BackfillFlags,
): Promise<void> {
  const time = (option: string, text: string): string => new Date(moment(option, text, Date.now())).toISOString();
  const body = {
    workflow,
    from: time('--from', from),
    until: time('--until', until),
    atOnce: wholeNumber('--at-once', atOnce),
    ...byOf(flags),
  };
  const made = await (await open()).post<ShownBackfill>('/v1/backfills', body, key === undefined ? {} : { 'Idempotency-Key': key });
  io.result({ backfill: made }, (result) => backfillText(result.backfill));
}

function registerBackfills(workflows: Command, io: CliIo): void {
  const id = '3f2a9c0d-1b7e-4a65-908c-1d2e3f4a5b6c';
  const backfill = workflows.command('backfill').description('runs for past times of a schedule: a partition each, a few at once');
  asPerson(
    defineCommand(backfill, {
      name: 'start <workflow>',
      summary: 'run a workflow for every time that its schedule was due in a range; it survives every restart',
      examples: [
        'vigil workflows backfill start claims_processing_workflow --from 2024-03-01T00:00:00Z --until 2024-03-02T00:00:00Z --at-once 2',
      ],
    }),
  )
    .requiredOption('--from <time>', 'first time, included')
    .requiredOption('--until <time>', 'end of the range, not included')
    .option('--at-once <count>', 'most runs that are open at once; without it 1')
    .option('--key <text>', 'the same key again gives the same backfill')
    .action((workflow: string, flags: BackfillFlags) => startBackfill(io, workflow, flags));
  defineCommand(backfill, { name: 'list', summary: 'backfills, latest first', examples: ['vigil workflows backfill list --json'] }).action(
    async () => {
      const { items } = await (await open()).get<Page<ShownBackfill>>('/v1/backfills', { limit: 100 });
      io.result({ backfills: items }, (result) => result.backfills.map(backfillText).join('\n') || 'no backfills');
    },
  );
  defineCommand(backfill, {
    name: 'show <id>',
    summary: 'a backfill with its partitions',
    examples: [`vigil workflows backfill show ${id}`],
  }).action(async (backfillId: string) => {
    const found = await (await open()).get<ShownBackfill>(`/v1/backfills/${backfillId}`);
    io.result({ backfill: found }, (result) => backfillText(result.backfill));
  });
  const turns = {
    pause: 'start no further partition; open runs go on',
    resume: 'go on',
    cancel: 'start no further partition and cancel open runs',
  };
  for (const [action, summary] of Object.entries(turns)) {
    asPerson(defineCommand(backfill, { name: `${action} <id>`, summary, examples: [`vigil workflows backfill ${action} ${id}`] })).action(
      async (backfillId: string, flags: ByFlags) => {
        const turned = await (await open()).post<ShownBackfill>(`/v1/backfills/${backfillId}/${action}`, byOf(flags));
        io.result({ backfill: turned }, (result) => backfillText(result.backfill));
      },
    );
  }
}

/** `vigil workflows run|runs|logs|why|pause|resume|cancel|retry|approve|backfill`. */
export const registerWorkflowRuns: RegisterCommand = (program, io) => {
  const workflows = workflowsCommand(program);
  asPerson(
    defineCommand(workflows, {
      name: 'run <workflow>',
      summary: 'start a run; with --wait, until it has ended: exit code 1 unless it succeeded',
      examples: [
        'vigil workflows run claims_processing_workflow --wait 600',
        'vigil workflows run research_analytics_workflow --parameter k=20 --key monday',
      ],
    }),
  )
    .option('--parameter <name=value>', 'a parameter of the run; may be repeated', collect)
    .option('--priority <number>', '0 to 9; without it that of the workflow')
    .option('--key <text>', 'the same key again gives the same run')
    .option('--wait <seconds>', 'wait for its end')
    .action((workflow: string, flags: RunFlags) => run(io, workflow, flags));
  registerLooks(workflows, io);
  registerActs(workflows, io);
  registerBackfills(workflows, io);
};
