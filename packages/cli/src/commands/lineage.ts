import { systemClock, VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf, revealReasonOf } from '../dlq/operator.ts';
import type { LineageSources } from '../lineage/follow-lineage.ts';
import { lineageText, type LineageTree } from '../lineage/lineage-tree.ts';
import { wholeNumber } from '../options/whole-number.ts';

interface LineageFlags {
  readonly line?: string;
  readonly reveal?: boolean;
  readonly reason?: string;
  readonly as?: string;
}

function uuidOf(name: string, id: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new VigilError('BAD_USAGE', { detail: `${name} takes a UUID in small letters.` });
}

/** Opens what is needed; with a reason also what links a row to its patient, after it was recorded who asked and why. */
async function showLineage(
  io: CliIo,
  entity: string,
  flags: LineageFlags,
  follow: (sources: LineageSources) => Promise<LineageTree>,
): Promise<void> {
  const reason = revealReasonOf(flags);
  const by = operatorOf(flags.as);
  const { addressOf } = await import('../connect/addresses.ts');
  const { openFactRows, openLineageRows } = await import('../lineage/lineage-rows.ts');
  const rows = openLineageRows(addressOf('databaseUrl'));
  const facts = openFactRows(addressOf('warehouseUrl'));
  try {
    const tree =
      reason === null ? await follow({ rows, facts, records: null }) : await revealed({ rows, facts, reason, by, entity }, follow);
    io.result(tree, lineageText);
    if (!tree.found) io.exitWith(1);
  } finally {
    await rows.close();
    await facts.close();
  }
}

async function revealed(
  {
    rows,
    facts,
    reason,
    by,
    entity,
  }: Omit<LineageSources, 'records'> & { readonly reason: string; readonly by: string; readonly entity: string },
  follow: (sources: LineageSources) => Promise<LineageTree>,
): Promise<LineageTree> {
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { auditAccess } = await import('../dlq/audit-access.ts');
  const { openSourceRecords } = await import('../lineage/source-records.ts');
  const { loadKeys } = await import('@vigil/runtime');
  const { stackEnv } = await import('@vigil/stack');
  const registry = openRegistry();
  return withKafka(async (client) => {
    const { dataset, previousDataset } = loadKeys(process.env['VIGIL_KEYS_FILE'] ?? stackEnv().keysFile);
    const access = { type: 'lineage', subtype: 'reveal', action: 'R', by, entityType: 'row', entity, records: 1, reason } as const;
    await auditAccess(access, { client, registry, clock: systemClock });
    const records = openSourceRecords({ client, registry }, previousDataset ? [dataset, previousDataset] : [dataset]);
    return follow({ rows, facts, records });
  });
}

/** `vigil lineage`: file → line → record → row of the warehouse, and back. */
export const registerLineage: RegisterCommand = (program, io) => {
  const lineage = program.command('lineage').description('where a row of the warehouse came from, and what became of a file or a run');
  const revealable = (command: ReturnType<typeof defineCommand>) =>
    command
      .option('--reveal', 'what links rows to records and files too: needs the dataset key, and is recorded with its reason')
      .option('--reason <text>', 'why; recorded before anything is looked up')
      .option('--as <name>', 'who looks; without it VIGIL_OPERATOR, or the account of the operating system');

  revealable(
    defineCommand(lineage, {
      name: 'row <table> <id>',
      summary: 'record, file and line of a row of the warehouse; 1 when it is not known',
      examples: [
        'vigil lineage row fact_visit 6f1ed002-ab55-8985-9014-ebf0951522d9',
        'vigil lineage row fact_claim 6f1ed002-ab55-8985-9014-ebf0951522d9 --reveal --reason "a row in question, ticket 4711"',
      ],
    }),
  ).action(async (table: string, id: string, flags: LineageFlags) => {
    const { lineageOfRow } = await import('../lineage/follow-lineage.ts');
    const { tracedTable } = await import('../lineage/traced-tables.ts');
    const [of, rowId] = [tracedTable(table), uuidOf('<id>', id)];
    await showLineage(io, `${of.table} ${rowId}`, flags, (sources) => lineageOfRow(sources, of, rowId));
  });

  revealable(
    defineCommand(lineage, {
      name: 'file <file-id>',
      summary: 'state, run, score and records of a file, or of one line of it',
      examples: ['vigil lineage file 0191d0c1-0000-7000-8000-000000000001 --line 12'],
    }).option('--line <number>', 'one line, from 1'),
  ).action(async (fileId: string, flags: LineageFlags) => {
    const { lineageOfFile } = await import('../lineage/follow-lineage.ts');
    const id = uuidOf('<file-id>', fileId);
    const line = flags.line === undefined ? null : wholeNumber('--line', flags.line, 1);
    await showLineage(io, `file ${id}`, flags, (sources) => lineageOfFile(sources, id, line));
  });

  revealable(
    defineCommand(lineage, {
      name: 'run <run-id>',
      summary: 'tasks, files and scores of a run',
      examples: ['vigil lineage run 0191d0c1-0000-7000-8000-000000000001 --json'],
    }),
  ).action(async (runId: string, flags: LineageFlags) => {
    const { lineageOfRun } = await import('../lineage/follow-lineage.ts');
    const id = uuidOf('<run-id>', runId);
    await showLineage(io, `run ${id}`, flags, (sources) => lineageOfRun(sources, id));
  });
};
