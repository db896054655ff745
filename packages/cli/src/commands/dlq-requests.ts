import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { systemClock, VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand } from '../define-command.ts';
import type { CarriedOut } from '../dlq/carry-out.ts';
import { isUnrestricted, parseFilter, type FilterFlags } from '../dlq/entry-filter.ts';
import { operatorOf, reasonOf } from '../dlq/operator.ts';
import type { DlqRequest, RequestAction } from '../dlq/request-rows.ts';
import { wholeNumber } from '../options/whole-number.ts';

interface MeansFlags {
  readonly rate?: string;
  readonly edit?: string;
  readonly as?: string;
}

interface AskFlags extends FilterFlags, MeansFlags {
  readonly reason?: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

const usualRate = '500';

async function editFrom(file: string | undefined): Promise<Buffer | null> {
  if (file === undefined) return null;
  return readFile(file).catch((cause: unknown) => {
    throw new VigilError('BAD_USAGE', { detail: `--edit: ${file} cannot be read.`, cause });
  });
}

const meansOf = async ({ rate = usualRate, edit }: MeansFlags) => ({
  rate: wholeNumber('--rate', rate),
  edit: await editFrom(edit),
  sleep,
});

export const requestText = ({ id, action, topic, records, settled, state, requestedBy, decidedBy, reason }: DlqRequest): string =>
  `${id}  ${state.padEnd(9)}${action.padEnd(8)}${settled}/${records}  ${topic}  by ${requestedBy}${decidedBy === null ? '' : `, decided by ${decidedBy}`}  ${JSON.stringify(reason)}`;

export function outcomeText({ request, sent, found, discarded }: CarriedOut): string {
  if (request.action === 'discard') return `${discarded} discarded (request ${request.id})`;
  return `${sent} sent back${found > 0 ? `, ${found} had been sent before` : ''} (request ${request.id})`;
}

async function ask(io: CliIo, action: RequestAction, name: string, flags: AskFlags): Promise<void> {
  const filter = parseFilter(flags, systemClock.now());
  if (isUnrestricted(filter) && flags.all !== true)
    throw new VigilError('BAD_USAGE', { detail: 'Say which records (--code, --since, --partition …), or --all.' });
  const means = await meansOf(flags);
  const { deadLetterTopic } = await import('../dlq/dead-letter-topics.ts');
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const { askRequest, chooseRecords } = await import('../dlq/ask-request.ts');
  const { carryOut } = await import('../dlq/carry-out.ts');
  const { editedValue, editHashOf } = await import('../dlq/edit-value.ts');
  const queue = deadLetterTopic(name);
  const by = operatorOf(flags.as);
  const reason = flags.dryRun === true ? '' : reasonOf(`dlq ${action}`, flags.reason);
  await withQuarantine(async (world) => {
    if (means.edit !== null) await editedValue(means.edit, queue.origin, world.registry);
    const asked = { action, queue, filter, reason, by, editHash: means.edit === null ? null : editHashOf(means.edit) };
    const chosen = await chooseRecords(asked, world);
    const { entries, codes, taken, withoutOrigin } = chosen.selection;
    const found = { records: entries.length, codes, taken, withoutOrigin, needsApproval: chosen.needsApproval };
    if (withoutOrigin > 0) io.progress(`${withoutOrigin} records do not say where they come from and stay in quarantine`);
    if (flags.dryRun === true || entries.length === 0) {
      io.result(
        { dryRun: flags.dryRun === true, ...found },
        () => `${entries.length} open records match, ${taken} are taken already; nothing was sent`,
      );
      return;
    }
    const request = await askRequest(asked, chosen, world);
    if (chosen.needsApproval) {
      io.result({ ...found, request }, () => `${requestText(request)}\nAnother person approves: vigil dlq approve ${request.id} --as NAME`);
      return;
    }
    const done = await carryOut(request.id, means, world);
    io.result({ ...found, ...done }, outcomeText);
  });
}

async function approve(io: CliIo, id: string, flags: MeansFlags): Promise<void> {
  const means = await meansOf(flags);
  const by = operatorOf(flags.as);
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const { approveRequest } = await import('../dlq/carry-out.ts');
  io.result(await withQuarantine((world) => approveRequest(id, by, means, world)), outcomeText);
}

async function decline(io: CliIo, id: string, flags: MeansFlags): Promise<void> {
  const by = operatorOf(flags.as);
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const { declineRequest } = await import('../dlq/carry-out.ts');
  io.result({ request: await withQuarantine((world) => declineRequest(id, by, world)) }, ({ request }) => requestText(request));
}

async function list(io: CliIo): Promise<void> {
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const requests = await withQuarantine(({ store }) => store.list());
  io.result({ requests }, (result) => result.requests.map(requestText).join('\n') || 'nobody has asked for anything');
}

/** Which records: the same flags wherever records are chosen. */
export const withFilter = (command: Command): Command =>
  command
    .option('--code <codes>', 'only these error codes, separated by commas')
    .option('--since <time>', 'quarantined at or after: 2026-01-31T10:00:00Z, or a span before now: 90m')
    .option('--until <time>', 'quarantined before')
    .option('--partition <n>', 'only this partition of the dead-letter topic')
    .option('--offsets <range>', 'with --partition: only 17, or 17-42');

const withAsking = (command: Command): Command =>
  withFilter(command)
    .option('--all', 'every open record of the queue')
    .option('--reason <text>', 'why; kept with the request')
    .option('--dry-run', 'count what would be taken, and do nothing')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)');

const withRate = (command: Command): Command => command.option('--rate <n>', 'at most so many records a second', usualRate);

/** `vigil dlq requeue|discard|approve|decline|requests`: the way out of quarantine, by two people. */
export function registerDlqRequests(dlq: Command, io: CliIo): void {
  const queue = 'vitals.reading.received.v1.device-ingest.dlq';
  withRate(
    withAsking(
      defineCommand(dlq, {
        name: 'requeue <topic>',
        summary: 'send records back to the group that rejected them; more than one, or an edit, waits for a second person',
        examples: [
          `vigil dlq requeue ${queue} --code NOT_JSON --since 2h --reason "fixed in 1.4" --dry-run`,
          `vigil dlq requeue ${queue} --partition 1 --offsets 17 --reason "ticket 4711"`,
        ],
      }),
    ),
  )
    .option('--edit <file>', 'JSON that replaces the value of the one record; must fit the schema')
    .action((name: string, flags: AskFlags) => ask(io, 'requeue', name, flags));

  withAsking(
    defineCommand(dlq, {
      name: 'discard <topic>',
      summary: 'mark records as not to be sent back; nothing is deleted before its retention ends',
      examples: [`vigil dlq discard ${queue} --code EMPTY_VALUE --reason "test monitor"`],
    }),
  ).action((name: string, flags: AskFlags) => ask(io, 'discard', name, flags));

  withRate(
    defineCommand(dlq, {
      name: 'approve <id>',
      summary: 'approve another person’s request and carry it out; one that was interrupted is gone on with',
      examples: ['vigil dlq approve 0f8fad5b-d9cb-469f-a165-70867728950e --as bob'],
    }),
  )
    .option('--edit <file>', 'the file of a request with an edit, as you looked at it')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((id: string, flags: MeansFlags) => approve(io, id, flags));

  defineCommand(dlq, {
    name: 'decline <id>',
    summary: 'refuse or take back a request; what was sent stays sent, the rest is open again',
    examples: ['vigil dlq decline 0f8fad5b-d9cb-469f-a165-70867728950e --as bob'],
  })
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((id: string, flags: MeansFlags) => decline(io, id, flags));

  defineCommand(dlq, {
    name: 'requests',
    summary: 'who asked for what, who approved it, and how far it is',
    examples: ['vigil dlq requests --json'],
  }).action(() => list(io));
}
