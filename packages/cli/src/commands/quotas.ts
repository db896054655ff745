import { VigilError } from '@vigil/core';
import type { ClientQuota, QuotaAdmin, QuotaChange, QuotaEntity } from '@vigil/kafka';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { wholeNumber } from '../options/whole-number.ts';

interface EntityFlags {
  readonly clientId?: string;
  readonly user?: string;
}

/** What a producer may send: Kafka's name for bytes a second and broker. */
const producerRate = 'producer_byte_rate';

function entityOf({ clientId, user }: EntityFlags): QuotaEntity {
  if (!clientId && !user) throw new VigilError('BAD_USAGE', { detail: 'Name whom the quota binds: --client-id, --user, or both.' });
  return { ...(clientId && { clientId }), ...(user && { user }) };
}

const nameOf = ({ clientId, user }: QuotaEntity): string =>
  [user && `user ${user}`, clientId && `client-id ${clientId}`].filter(Boolean).join(', ');

function quotasText(quotas: readonly ClientQuota[]): string {
  const lines = quotas.flatMap((quota) =>
    Object.entries(quota.values).map(([key, value]) => `${nameOf(quota).padEnd(40)}${key.padEnd(24)}${value}`),
  );
  return lines.join('\n') || 'no quotas';
}

async function withQuotas<Result>(work: (admin: QuotaAdmin) => Promise<Result>): Promise<Result> {
  const { addressOf } = await import('../connect/addresses.ts');
  const { asKafkaError } = await import('../connect/kafka-error.ts');
  const { createQuotaAdmin } = await import('@vigil/kafka');
  const brokers = addressOf('kafkaBrokers').split(',');
  const admin = createQuotaAdmin({ brokers, clientId: 'vigil-cli' });
  try {
    return await work(admin);
  } catch (error) {
    throw asKafkaError(error, `Brokers: ${brokers.join(', ')}.`);
  } finally {
    await admin.close();
  }
}

/** `vigil quotas list|set|remove`: what keeps producers on the device topic below what the fleet can process. */
export const registerQuotas: RegisterCommand = (program, io) => {
  const quotas = program.command('quotas').description('how much producers may send: see docs/back-pressure.md');
  const change = async (made: QuotaChange): Promise<void> => {
    await withQuotas((admin) => admin.alter([made]));
    io.result(made, ({ key, value, ...entity }) => `${nameOf(entity)}: ${key} ${value ?? 'removed'}`);
  };

  defineCommand(quotas, { name: 'list', summary: 'every quota on client ids and users', examples: ['vigil quotas list --json'] }).action(
    async () => io.result({ quotas: await withQuotas((admin) => admin.list()) }, (result) => quotasText(result.quotas)),
  );

  defineCommand(quotas, {
    name: 'set',
    summary: 'limit what a client id or a user may produce; over it the broker delays, it refuses nothing',
    examples: ['vigil quotas set --user devices --producer-bytes 2000000', 'vigil quotas set --client-id ward-7 --producer-bytes 200000'],
  })
    .option('--client-id <id>', 'the producer’s client id')
    .option('--user <name>', 'the principal; the limit is for all its connections together')
    .requiredOption('--producer-bytes <n>', 'bytes a second, for each broker')
    .action((flags: EntityFlags & { readonly producerBytes: string }) =>
      change({ ...entityOf(flags), key: producerRate, value: wholeNumber('--producer-bytes', flags.producerBytes) }),
    );

  defineCommand(quotas, { name: 'remove', summary: 'lift the limit again', examples: ['vigil quotas remove --user devices'] })
    .option('--client-id <id>', 'the producer’s client id')
    .option('--user <name>', 'the principal')
    .action((flags: EntityFlags) => change({ ...entityOf(flags), key: producerRate, value: null }));
};
