import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { BadClaim } from '../send/bad-claim.ts';
import type { SendClaimsReport } from '../send/send-claims.ts';
import type { SendKind, SendReport, SendRequest } from '../send/send-messages.ts';

interface SendFlags {
  readonly rate?: string;
  readonly shiftToNow?: boolean;
  readonly batchId?: string;
  readonly ackDir?: string;
}

const unprintable = /[^\u0020-\u007e]/;

function checkBatchId(batchId: string | undefined): void {
  if (batchId !== undefined && (batchId === '' || batchId.length > 128 || unprintable.test(batchId))) {
    throw new VigilError('BAD_USAGE', { detail: '--batch-id takes 1 to 128 printable characters.' });
  }
}

function requestOf(kind: SendKind, file: string, { rate, shiftToNow, batchId }: SendFlags): SendRequest {
  checkBatchId(batchId);
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

const tellWaiting =
  (io: CliIo) =>
  (waiting: boolean, lagSeconds: number): void =>
    io.progress(waiting ? `the live stream is ${lagSeconds.toFixed(1)} s behind: the batch waits` : 'the batch goes on');

async function send(io: CliIo, request: SendRequest): Promise<void> {
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { sendMessages } = await import('../send/send-messages.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const registry = request.batchId === undefined ? undefined : openRegistry();
  const deps = { stdin: process.stdin, onWaiting: tellWaiting(io), ...(registry && { registry }) };
  const report = await withKafka((client) => sendMessages(client, request, deps));
  tell(io, report);
  io.result(report, reportText);
  if (report.rejected > 0 || report.error) io.exitWith(1);
}

const claimsText = ({ sent, rejected, seconds, files, outcomes, acknowledgements }: SendClaimsReport): string =>
  [
    `${sent} sent, ${rejected} rejected, ${seconds} s, from ${files} ${files === 1 ? 'file' : 'files'}`,
    `of those sent: ${outcomes.clean} without findings, ${outcomes.withProblems} with problems, ${outcomes.unreadable} for quarantine`,
    ...acknowledgements.map((path) => `acknowledgement: ${path}`),
  ].join('\n');

async function sendClaims(io: CliIo, path: string, { rate, batchId, ackDir }: SendFlags): Promise<void> {
  checkBatchId(batchId);
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { sendClaims: send } = await import('../send/send-claims.ts');
  const { lineOfBad } = await import('../send/bad-claim.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const request = {
    path,
    ...(rate !== undefined && { rate: wholeNumber('--rate', rate) }),
    ...(batchId !== undefined && { batchId }),
    ...(ackDir !== undefined && { ackDir }),
  };
  const onBad = (bad: BadClaim): void => io.progress(lineOfBad(bad));
  const report = await withKafka((client) =>
    send(client, request, { stdin: process.stdin, registry: openRegistry(), onBad, onWaiting: tellWaiting(io) }),
  );
  if (report.error) io.progress(`vigil: ${report.error.code}: ${report.error.message} What was under way may have arrived, too.`);
  else if (report.sent + report.rejections + report.unreadableFiles === 0) io.progress('the input holds no claim');
  io.result(report, claimsText);
  if (report.rejections > 0 || report.unreadableFiles > 0 || report.error) io.exitWith(1);
}

/** `vigil send readings|patients|claims FILE|-`: messages as a device, a hospital or a submitter would send them. */
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

  defineCommand(command, {
    name: 'claims <path>',
    summary: 'claims of a file, a directory, or - for standard input: JSON, X12 837P and 837I, CMS RIF and EOB, also in gzip or zip',
    examples: ['vigil send claims claims_march.json', 'vigil send claims inbox --ack-dir outbox', 'vigil send claims - < batch.837'],
  })
    .option('--rate <n>', 'claims a second')
    .option('--batch-id <id>', 'travels with the claims into the ledger')
    .option('--ack-dir <dir>', 'where TA1 and 999 acknowledgements are written; beside the file when left out')
    .action((path: string, flags: SendFlags) => sendClaims(io, path, flags));
};
