import { systemClock } from '@vigil/core';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf, reasonOf } from '../dlq/operator.ts';

interface ResumeFlags {
  readonly reason?: string;
  readonly as?: string;
}

/** `vigil resume`: lets a stage read again that its quarantine limits halted. */
export const registerResume: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'resume <stage>',
    summary: 'let a stage read again that its quarantine limits halted',
    examples: ['vigil resume device-ingest --reason "fixed in 1.4.1"'],
  })
    .option('--reason <text>', 'what was done about the cause; recorded in audit.access.recorded.v1')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .action(async (stage: string, flags: ResumeFlags) => {
      const by = operatorOf(flags.as);
      const reason = reasonOf('resume', flags.reason);
      const { withKafka } = await import('../connect/with-kafka.ts');
      const { openRegistry } = await import('../connect/open-registry.ts');
      const { resumeStage } = await import('@vigil/kafka');
      const { auditAccess } = await import('../dlq/audit-access.ts');
      const halt = await withKafka(async (client) => {
        const world = { client, registry: openRegistry(), clock: systemClock };
        await auditAccess({ subtype: 'resume', action: 'E', by, entityType: 'stage', entity: stage, records: 0, reason }, world);
        return resumeStage(world, { stage, by, reason, nowMs: systemClock.now() });
      });
      io.result(
        { stage, code: halt.code, haltedAt: new Date(halt.changedAt).toISOString() },
        (result) => `${result.stage} may read again (halted by ${result.code} at ${result.haltedAt})`,
      );
    });
};
