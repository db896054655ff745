import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemClock, VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { QueueSummary } from '../dlq/list-queues.ts';
import type { QuarantinedRecord } from '../dlq/show-records.ts';
import { wholeNumber } from '../options/whole-number.ts';

interface ShowFlags {
  readonly limit: string;
  readonly reveal?: boolean;
  readonly reason?: string;
}

export function queuesText(queues: readonly QueueSummary[]): string {
  const lines = queues
    .filter(({ count }) => count > 0)
    .map(({ topic, count, oldestAgeSeconds, codes }) => {
      const reasons = Object.entries(codes).map(([code, times]) => `${code} ${times}`);
      return `${topic.padEnd(65)}${String(count).padStart(8)}  oldest ${Math.round(oldestAgeSeconds ?? 0)} s  ${reasons.join(', ')}`;
    });
  return lines.join('\n') || 'no record is in quarantine';
}

export const recordsText = (records: readonly QuarantinedRecord[]): string =>
  records
    .map(({ partition, offset, code, attempt, origin, value }) => {
      const from = origin ? `from ${origin.topic}-${origin.partition} at ${origin.offset}` : 'origin unknown';
      return `${partition}/${offset}  ${code ?? 'UNKNOWN'}  attempt ${attempt}  ${from}\n  ${JSON.stringify(value)}`;
    })
    .join('\n') || 'nothing here';

function reasonOf({ reveal, reason }: ShowFlags): string | undefined {
  if (reveal !== true) {
    if (reason !== undefined) throw new VigilError('BAD_USAGE', { detail: '--reason goes with --reveal.' });
    return undefined;
  }
  if (reason === undefined || reason.trim() === '') throw new VigilError('BAD_USAGE', { detail: '--reveal needs --reason TEXT.' });
  return reason;
}

async function show(io: CliIo, name: string, flags: ShowFlags): Promise<void> {
  const limit = wholeNumber('--limit', flags.limit);
  const reason = reasonOf(flags);
  const { deadLetterTopic } = await import('../dlq/dead-letter-topics.ts');
  const { name: topic, origin } = deadLetterTopic(name);
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { presentMasked, presentRevealed } = await import('../dlq/present-value.ts');
  const { showRecords } = await import('../dlq/show-records.ts');
  const registry = openRegistry();
  const present = reason === undefined ? presentMasked(origin, registry) : presentRevealed(registry);
  const records = await withKafka((client) => showRecords(client, { topic, limit, present }));
  if (reason !== undefined) {
    const { stackPaths } = await import('@vigil/stack');
    const { logReveal } = await import('../dlq/log-reveal.ts');
    const file = join(stackPaths().logs, 'reveals.ndjson');
    await logReveal(file, { at: new Date().toISOString(), user: userInfo().username, topic, records: records.length, reason });
  }
  io.result({ records }, (result) => recordsText(result.records));
}

/** `vigil dlq list|show`: what is in quarantine and why. */
export const registerDlq: RegisterCommand = (program, io) => {
  const dlq = program.command('dlq').description('records that were quarantined');

  defineCommand(dlq, { name: 'list', summary: 'how many there are in each queue, and why', examples: ['vigil dlq list --json'] }).action(
    async () => {
      const { withKafka } = await import('../connect/with-kafka.ts');
      const { listQueues } = await import('../dlq/list-queues.ts');
      const queues = await withKafka((client) => listQueues(client, systemClock));
      io.result({ queues }, (result) => queuesText(result.queues));
    },
  );

  defineCommand(dlq, {
    name: 'show <topic>',
    summary: 'the newest records of a queue, what may identify somebody masked',
    examples: [
      'vigil dlq show vitals.reading.received.v1.device-ingest.dlq --limit 5',
      'vigil dlq show vitals.reading.received.v1.device-ingest.dlq --reveal --reason "ticket 4711"',
    ],
  })
    .option('--limit <n>', 'at most so many', '20')
    .option('--reveal', 'show values as they are; noted with the reason')
    .option('--reason <text>', 'why the values have to be seen')
    .action((name: string, flags: ShowFlags) => show(io, name, flags));
};
