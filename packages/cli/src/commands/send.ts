import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { SendKind, SendReport, SendRequest } from '../send/send-messages.ts';

interface SendFlags {
  readonly rate?: string;
  readonly shiftToNow?: boolean;
  readonly batchId?: string;
}

const unprintable = /[^\u0020-\u007e]/;

function requestOf(kind: SendKind, file: string, { rate, shiftToNow, batchId }: SendFlags): SendRequest {
  if (batchId !== undefined && (batchId === '' || batchId.length > 128 || unprintable.test(batchId))) {
    throw new VigilError('BAD_USAGE', { detail: '--batch-id takes 1 to 128 printable characters.' });
  }
  return {
    kind,
    file,
    ...(rate !== undefined && { rate: wholeNumber('--rate', rate) }),
    ...(shiftToNow === true && { shiftToNow }),
    ...(batchId !== undefined && { batchId }),
  };
}

export function tell(io: CliIo, report: SendReport): void {
  for (const { place, code } of report.rejections) io.progress(`message ${place}: ${code}: larger than the topic takes (4 MB); not sent`);
  if (report.rejected > report.rejections.length) io.progress(`… and ${report.rejected - report.rejections.length} more`);
  if (report.error) io.progress(`vigil: ${report.error.code}: ${report.error.message} What was under way may have arrived, too.`);
  else if (report.sent + report.rejected === 0) io.progress('the input holds no message');
}

const reportText = ({ sent, rejected, seconds }: SendReport): string => `${sent} sent, ${rejected} rejected, ${seconds} s`;

async function send(io: CliIo, request: SendRequest): Promise<void> {
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { sendMessages } = await import('../send/send-messages.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const registry = request.batchId === undefined ? undefined : openRegistry();
  const onWaiting = (waiting: boolean, lagSeconds: number): void =>
    io.progress(waiting ? `the live stream is ${lagSeconds.toFixed(1)} s behind: the batch waits` : 'the batch goes on');
  const deps = { stdin: process.stdin, onWaiting, ...(registry && { registry }) };
  const report = await withKafka((client) => sendMessages(client, request, deps));
  tell(io, report);
  io.result(report, reportText);
  if (report.rejected > 0 || report.error) io.exitWith(1);
}

/** `vigil send readings|patients FILE|-`: messages as a device or a hospital would send them. */
export const registerSend: RegisterCommand = (program, io) => {
  const command = program.command('send').description('publish messages byte for byte, as a device or a hospital would');

  defineCommand(command, {
    name: 'readings <file>',
    summary: 'device messages: one a line, a JSON array, or one object; - reads standard input',
    examples: ['vigil send readings ward.ndjson', 'vigil send readings - --rate 100 --shift-to-now < ward.ndjson'],
  })
    .option('--rate <n>', 'messages a second')
    .option('--shift-to-now', 'move all timestamps by one offset, so that the latest is now')
    .option('--batch-id <id>', 'travels with the messages into the ledger')
    .action((file: string, flags: SendFlags) => send(io, requestOf('readings', file, flags)));

  defineCommand(command, {
    name: 'patients <file>',
    summary: 'registry entries: one a line, a JSON array, or one object; - reads standard input',
    examples: ['vigil send patients patients.ndjson'],
  })
    .option('--rate <n>', 'messages a second')
    .option('--batch-id <id>', 'travels with the messages into the ledger')
    .action((file: string, flags: SendFlags) => send(io, requestOf('patients', file, flags)));
};
