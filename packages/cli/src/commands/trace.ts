import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf, revealReasonOf } from '../dlq/operator.ts';
import { wholeNumber } from '../options/whole-number.ts';
import { traceText } from '../trace/trace-steps.ts';

interface TraceFlags {
  readonly eventId?: string;
  readonly topic?: string;
  readonly partition?: string;
  readonly offset?: string;
  readonly reveal?: boolean;
  readonly reason?: string;
  readonly as?: string;
}

type Wanted = { readonly eventId: string } | { readonly topic: string; readonly partition: number; readonly offset: number };

function parseWanted({ eventId, topic, partition, offset }: TraceFlags): Wanted {
  const places = [topic, partition, offset];
  if (eventId !== undefined && places.every((part) => part === undefined)) {
    if (/^[0-9a-f]{32}$/.test(eventId)) return { eventId };
    throw new VigilError('BAD_USAGE', { detail: '--event-id takes 32 hexadecimal digits.' });
  }
  if (eventId === undefined && topic !== undefined && partition !== undefined && offset !== undefined) {
    return { topic, partition: wholeNumber('--partition', partition, 0), offset: wholeNumber('--offset', offset, 0) };
  }
  throw new VigilError('BAD_USAGE', { detail: 'give either --event-id, or --topic, --partition and --offset.' });
}

async function showTrace(io: CliIo, flags: TraceFlags): Promise<void> {
  const wanted = parseWanted(flags);
  const reason = revealReasonOf(flags);
  const by = operatorOf(flags.as);
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { addressOf } = await import('../connect/addresses.ts');
  const { openTraceRows } = await import('../trace/open-trace-rows.ts');
  const { revealWarehouse } = await import('../trace/reveal-warehouse.ts');
  const { traceEvent, tracePlace } = await import('../trace/trace-record.ts');
  const rows = openTraceRows(addressOf('databaseUrl'));
  const registry = openRegistry();
  try {
    const trace = await withKafka((client) => {
      const warehouse = reason === null ? undefined : revealWarehouse({ client, registry, reason, by });
      const sources = { client, registry, rows, ...(warehouse && { warehouse }) };
      return 'eventId' in wanted ? traceEvent(sources, wanted.eventId) : tracePlace(sources, wanted);
    });
    io.result(trace, traceText);
    if (!trace.found) io.exitWith(1);
  } finally {
    await rows.close();
  }
}

/** `vigil trace`: what became of one record. */
export const registerTrace: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'trace',
    summary: 'what became of one record, from the device topic to window, alert and page; 1 when it is not known',
    examples: [
      'vigil trace --topic vitals.reading.received.v1 --partition 0 --offset 17',
      'vigil trace --event-id 6f1ed002ab5595859014ebf0951522d9 --json',
      'vigil trace --event-id 6f1ed002ab5595859014ebf0951522d9 --reveal --reason "a row in question, ticket 4711"',
    ],
  })
    .option('--event-id <id>', 'the id of an accepted reading')
    .option('--topic <name>', 'vitals.reading.received.v1 or vitals.reading.accepted.v1')
    .option('--partition <number>', 'with --topic')
    .option('--offset <number>', 'with --topic')
    .option('--reveal', 'the rows of the warehouse too: needs the dataset key and the owner’s rights, and is recorded with its reason')
    .option('--reason <text>', 'why; recorded before anything is looked up')
    .option('--as <name>', 'who looks; without it VIGIL_OPERATOR, or the account of the operating system')
    .action((flags: TraceFlags) => showTrace(io, flags));
};
