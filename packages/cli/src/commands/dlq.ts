import { systemClock, VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { QuarantineStats } from '../dlq/count-quarantine.ts';
import { parseFilter, type FilterFlags } from '../dlq/entry-filter.ts';
import type { LookOptions, QueueSummary, StatesOf } from '../dlq/list-queues.ts';
import { operatorOf, revealReasonOf } from '../dlq/operator.ts';
import type { EntryPlace } from '../dlq/select-entries.ts';
import type { QuarantinedRecord } from '../dlq/show-records.ts';
import type { QuarantineWorld } from '../dlq/with-quarantine.ts';
import { wholeNumber } from '../options/whole-number.ts';
import { registerDlqRequests, withFilter } from './dlq-requests.ts';

interface LookFlags extends FilterFlags {
  readonly topic?: string;
  readonly group?: string;
}

interface RevealFlags extends FilterFlags {
  readonly limit?: string;
  readonly reveal?: boolean;
  readonly reason?: string;
  readonly as?: string;
}

export function queuesText(queues: readonly QueueSummary[]): string {
  const lines = queues
    .filter(({ count }) => count > 0)
    .map(({ topic, count, states, oldestAgeSeconds, codes }) => {
      const reasons = Object.entries(codes).map(([code, times]) => `${code} ${times}`);
      const open = states === null ? '' : `  ${states.open} open`;
      return `${topic.padEnd(65)}${String(count).padStart(8)}${open}  oldest ${Math.round(oldestAgeSeconds ?? 0)} s  ${reasons.join(', ')}`;
    });
  return lines.join('\n') || 'no record is in quarantine';
}

export const recordsText = (records: readonly QuarantinedRecord[]): string =>
  records
    .map(({ partition, offset, code, attempt, origin, state, value }) => {
      const from = origin ? `from ${origin.topic}-${origin.partition} at ${origin.offset}` : 'origin unknown';
      const settled = state === null || state === 'open' ? '' : `  ${state}`;
      return `${partition}/${offset}  ${code ?? 'UNKNOWN'}  attempt ${attempt}  ${from}${settled}\n  ${JSON.stringify(value)}`;
    })
    .join('\n') || 'nothing here';

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

export const statsText = ({ count, codes, stages, states, hours }: QuarantineStats): string =>
  count === 0
    ? 'no record is in quarantine'
    : [
        `${count} records: ${countsText(states)}`,
        `by code: ${countsText(codes)}`,
        `by stage: ${countsText(stages)}`,
        ...hours.map(({ hour, count: ofHour, codes: ofCodes }) => `${hour}  ${String(ofHour).padStart(8)}  ${countsText(ofCodes)}`),
      ].join('\n');

/** Looking works while PostgreSQL is away, too; then nobody knows what became of a record. */
const lenient =
  (io: CliIo, { store }: QuarantineWorld): StatesOf =>
  async (queue) => {
    try {
      return await store.statesOf(queue);
    } catch (error) {
      if (!(error instanceof VigilError && ['DATABASE_AWAY', 'DATABASE_NOT_MIGRATED'].includes(error.code))) throw error;
      io.progress(`${error.code}: what became of the records of ${queue.topic} is not known`);
      return null;
    }
  };

async function look<Result>(
  io: CliIo,
  { topic, group, ...flags }: LookFlags,
  ask: (options: LookOptions) => Promise<Result>,
): Promise<Result> {
  const filter = parseFilter(flags, systemClock.now());
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const chosen = { ...(topic !== undefined && { topic }), ...(group !== undefined && { group }) };
  return withQuarantine((world) => ask({ client: world.client, clock: world.clock, statesOf: lenient(io, world), filter, ...chosen }));
}

/** What `show` and `export` are asked for, and how values are shown: whoever sees them as they are is recorded. */
async function askToSee(name: string, flags: RevealFlags) {
  const reason = revealReasonOf(flags);
  const filter = parseFilter(flags, systemClock.now());
  const by = operatorOf(flags.as);
  const { deadLetterTopic } = await import('../dlq/dead-letter-topics.ts');
  const { name: topic, origin } = deadLetterTopic(name);
  const { auditAccess } = await import('../dlq/audit-access.ts');
  const { presentMasked, presentRevealed } = await import('../dlq/present-value.ts');
  const present = ({ registry }: QuarantineWorld) => (reason === null ? presentMasked(origin, registry) : presentRevealed(registry));
  const record = async (subtype: 'reveal' | 'export', places: readonly EntryPlace[], world: QuarantineWorld): Promise<void> => {
    if (reason === null) return;
    await auditAccess({ subtype, action: 'R', by, entityType: 'topic', entity: topic, places, records: places.length, reason }, world);
  };
  return { topic, filter, present, record, revealed: reason !== null };
}

async function show(io: CliIo, name: string, flags: RevealFlags): Promise<void> {
  const limit = wholeNumber('--limit', flags.limit ?? '20');
  const { topic, filter, present, record } = await askToSee(name, flags);
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const { showRecords } = await import('../dlq/show-records.ts');
  await withQuarantine(async (world) => {
    const { client } = world;
    const records = await showRecords({ client, topic, limit, present: present(world), filter, statesOf: lenient(io, world) });
    await record('reveal', records, world);
    io.result({ records }, (result) => recordsText(result.records));
  });
}

async function exportTo(io: CliIo, name: string, file: string, flags: RevealFlags): Promise<void> {
  const { topic, filter, present, record, revealed } = await askToSee(name, flags);
  const { withQuarantine } = await import('../dlq/with-quarantine.ts');
  const { exportRecords } = await import('../dlq/export-records.ts');
  const { identifyQueue } = await import('../dlq/walk-queue.ts');
  const written = await withQuarantine(async (world) => {
    const { client, store } = world;
    const queue = await identifyQueue(client, topic);
    const states = await store.statesOf(queue);
    const beforeWriting = (places: readonly EntryPlace[]): Promise<void> => record('export', places, world);
    return exportRecords({ client, queue, filter, present: present(world), file, states, beforeWriting });
  });
  io.result({ written, file, revealed }, () => `${written} records written to ${file}`);
}

/** `vigil dlq …`: what is in quarantine and why, and the way out. */
export const registerDlq: RegisterCommand = (program, io) => {
  const dlq = program.command('dlq').description('records that were quarantined');

  withFilter(
    defineCommand(dlq, { name: 'list', summary: 'how many there are in each queue, and why', examples: ['vigil dlq list --json'] }),
  )
    .option('--topic <name>', 'only what was read from this topic')
    .option('--group <name>', 'only what this group rejected')
    .action(async (flags: LookFlags) => {
      const { listQueues } = await import('../dlq/list-queues.ts');
      io.result({ queues: await look(io, flags, listQueues) }, (result) => queuesText(result.queues));
    });

  withFilter(
    defineCommand(dlq, { name: 'stats', summary: 'counts by code, stage, state and hour', examples: ['vigil dlq stats --since 24h'] }),
  )
    .option('--topic <name>', 'only what was read from this topic')
    .option('--group <name>', 'only what this group rejected')
    .action(async (flags: LookFlags) => {
      const { countQuarantine } = await import('../dlq/count-quarantine.ts');
      io.result(await look(io, flags, countQuarantine), statsText);
    });

  withFilter(
    defineCommand(dlq, {
      name: 'show <topic>',
      summary: 'the newest records of a queue, what may identify somebody masked',
      examples: [
        'vigil dlq show vitals.reading.received.v1.device-ingest.dlq --limit 5',
        'vigil dlq show vitals.reading.received.v1.device-ingest.dlq --reveal --reason "ticket 4711"',
      ],
    }),
  )
    .option('--limit <n>', 'at most so many', '20')
    .option('--reveal', 'show values as they are; recorded in audit.access.recorded.v1 with the reason')
    .option('--reason <text>', 'why the values have to be seen')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((name: string, flags: RevealFlags) => show(io, name, flags));

  withFilter(
    defineCommand(dlq, {
      name: 'export <topic> <file>',
      summary: 'write records to a new file, one JSON document a line, masked as show does',
      examples: ['vigil dlq export vitals.reading.received.v1.device-ingest.dlq poison.ndjson --since 24h'],
    }),
  )
    .option('--reveal', 'write values as they are; recorded in audit.access.recorded.v1 with the reason')
    .option('--reason <text>', 'why the values have to be seen')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action((name: string, file: string, flags: RevealFlags) => exportTo(io, name, file, flags));

  registerDlqRequests(dlq, io);
};
