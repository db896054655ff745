import type { FileState } from '@vigil/batch';
import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf, reasonOf, revealReasonOf } from '../dlq/operator.ts';
import { fileLine, fileText, maskFile, type ShownFile } from '../files/file-text.ts';
import { wholeNumber } from '../options/whole-number.ts';

interface ListFlags {
  readonly source?: string;
  readonly state?: string;
  readonly run?: string;
  readonly limit?: string;
}

interface PersonFlags {
  readonly as?: string;
  readonly reason?: string;
}

async function stateOf(text: string): Promise<FileState> {
  const { fileStates } = await import('@vigil/batch');
  const state = fileStates.find((known) => known === text.toUpperCase());
  if (state === undefined) throw new VigilError('BAD_USAGE', { detail: `--state takes one of ${fileStates.join(', ')}.` });
  return state;
}

async function list(io: CliIo, { source, state, run, limit = '100' }: ListFlags): Promise<void> {
  if (run !== undefined && !/^[0-9a-f-]{36}$/i.test(run)) throw new VigilError('BAD_USAGE', { detail: '--run takes the id of a run.' });
  const filter = {
    limit: wholeNumber('--limit', limit),
    ...(source !== undefined && { source }),
    ...(state !== undefined && { state: await stateOf(state) }),
    ...(run !== undefined && { runId: run }),
  };
  const { withFiles } = await import('../files/with-files.ts');
  const files = (await withFiles((desk) => desk.list(filter))).map(maskFile);
  io.result({ files }, (result) => result.files.map(fileLine).join('\n') || 'no files');
}

const tell = (io: CliIo, file: ShownFile): void => io.result({ file }, (result) => fileText(result.file));

async function show(io: CliIo, id: string, flags: PersonFlags & { readonly reveal?: boolean }): Promise<void> {
  const reason = revealReasonOf(flags);
  const by = operatorOf(flags.as);
  const { withAuditedFile, withFiles } = await import('../files/with-files.ts');
  if (reason === null) return tell(io, maskFile(await withFiles((desk) => desk.show(id))));
  tell(io, await withAuditedFile(id, { subtype: 'reveal', action: 'R', by, reason }, (desk) => desk.show(id)));
}

async function requeue(io: CliIo, id: string, flags: PersonFlags): Promise<void> {
  const access = { subtype: 'requeue', action: 'U', by: operatorOf(flags.as), reason: reasonOf('files requeue', flags.reason) } as const;
  const { withAuditedFile } = await import('../files/with-files.ts');
  tell(io, maskFile(await withAuditedFile(id, access, (desk) => desk.requeue(id))));
}

async function quarantine(io: CliIo, id: string, flags: PersonFlags): Promise<void> {
  const access = {
    subtype: 'set-aside',
    action: 'U',
    by: operatorOf(flags.as),
    reason: reasonOf('files quarantine', flags.reason),
  } as const;
  const { withAuditedFile } = await import('../files/with-files.ts');
  tell(io, maskFile(await withAuditedFile(id, access, (desk) => desk.quarantine(id, access.reason))));
}

const exampleId = '6f1f9c0d-1b7e-8a65-908c-1d2e3f4a5b6c';

/** `vigil files list|show|requeue|quarantine`: the ledger of files. */
export const registerFiles: RegisterCommand = (program, io) => {
  const command = program.command('files').description('files of sources: what was seen of them and what became of each');

  defineCommand(command, {
    name: 'list',
    summary: 'files, changed last first; names are masked',
    examples: ['vigil files list', 'vigil files list --state quarantined --source claims_sftp --json'],
  })
    .option('--source <name>', 'of one source')
    .option('--state <state>', 'in one state')
    .option('--run <id>', 'taken by one run')
    .option('--limit <n>', 'how many; 100 without it')
    .action((flags: ListFlags) => list(io, flags));

  defineCommand(command, {
    name: 'show <id>',
    summary: 'one file with its counts and why it is where it is',
    examples: [`vigil files show ${exampleId}`, `vigil files show ${exampleId} --reveal --reason "asking the sender"`],
  })
    .option('--reveal', 'show its name; recorded in the audit trail')
    .option('--reason <text>', 'why; needed with --reveal')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((id: string, flags: PersonFlags & { readonly reveal?: boolean }) => show(io, id, flags));

  defineCommand(command, {
    name: 'requeue <id>',
    summary: 'have a file of the quarantine, or a duplicate, taken by the next run',
    examples: [`vigil files requeue ${exampleId} --reason "the encoding is declared now"`],
  })
    .option('--reason <text>', 'why; kept in the audit trail')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((id: string, flags: PersonFlags) => requeue(io, id, flags));

  defineCommand(command, {
    name: 'quarantine <id>',
    summary: 'take a file out before it is loaded; whoever works on it is stopped at its next step',
    examples: [`vigil files quarantine ${exampleId} --reason "sent by mistake"`],
  })
    .option('--reason <text>', 'why; kept with the file and in the audit trail, so without data of patients')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((id: string, flags: PersonFlags) => quarantine(io, id, flags));
};
