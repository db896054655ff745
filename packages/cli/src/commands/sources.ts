import { systemClock } from '@vigil/core';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf, reasonOf } from '../dlq/operator.ts';
import type { ShownSlot } from '../sources/noted-slots.ts';

interface FolderFlags {
  readonly folder: string;
}

interface DropFlags extends FolderFlags {
  readonly reason?: string;
  readonly as?: string;
}

const mebibyte = 1024 * 1024;
const kept = (bytes: number | null): string => (bytes === null ? '-' : `${Math.ceil(bytes / mebibyte)} MiB`);

function slotLine({ source, table, slot, standing, keptBytes, state, code }: ShownSlot): string {
  return `${source}  ${table}  ${slot}  ${standing}  ${code ?? state}  ${kept(keptBytes)}`;
}

/** `vigil sources slots|drop-slot`: replication slots that tasks opened. */
export const registerSources: RegisterCommand = (program, io) => {
  const command = program.command('sources').description('replication slots of sources: what each keeps, and which nobody reads any more');

  defineCommand(command, {
    name: 'slots',
    summary: 'slots that tasks opened; forgotten = their source is no longer declared, unknown = that cannot be told without an address',
    examples: ['vigil sources slots', 'vigil sources slots --folder /etc/vigil/workflows --json'],
  })
    .option('--folder <path>', 'folder with sources.yaml', 'workflows')
    .action(async ({ folder }: FolderFlags) => {
      const { listSlots } = await import('../sources/noted-slots.ts');
      const slots = await listSlots({ folder, environment: process.env });
      io.result({ slots }, (result) => result.slots.map(slotLine).join('\n') || 'no slots');
    });

  defineCommand(command, {
    name: 'drop-slot <source> <slot>',
    summary: 'drop a forgotten slot with its publication; changes that nobody read are lost with it',
    examples: ['vigil sources drop-slot research_changes vigil_trials --reason "the trial has ended"'],
  })
    .option('--folder <path>', 'folder with sources.yaml', 'workflows')
    .option('--reason <text>', 'why; kept in the audit trail')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action(async (source: string, slot: string, { folder, ...flags }: DropFlags) => {
      const by = operatorOf(flags.as);
      const reason = reasonOf('sources drop-slot', flags.reason);
      const { dropForgottenSlot } = await import('../sources/noted-slots.ts');
      const { withKafka } = await import('../connect/with-kafka.ts');
      const { openRegistry } = await import('../connect/open-registry.ts');
      const { auditAccess } = await import('../dlq/audit-access.ts');
      const access = { type: 'sources', subtype: 'discard', action: 'D', by, entityType: 'slot', entity: `${source}/${slot}`, records: 0, reason } as const; // prettier-ignore
      const record = () => withKafka((client) => auditAccess(access, { client, registry: openRegistry(), clock: systemClock }));
      const dropped = await dropForgottenSlot({ source, slot }, { folder, environment: process.env }, record);
      io.result({ source, slot, keptBytes: dropped?.bytes ?? null }, (result) =>
        result.keptBytes === null ? `${slot} was gone already` : `${slot} is dropped; it kept ${kept(result.keptBytes)}`,
      );
    });
};
