import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { ListedTopic } from '../topics/apply-topics.ts';

const listText = (topics: readonly ListedTopic[]): string =>
  topics.map(({ name, kind, partitions }) => `${name.padEnd(75)}${kind.padEnd(11)}${partitions ?? 'missing'}`).join('\n');

/** `vigil topics apply|list`: the topic catalogue and what the broker has of it. */
export const registerTopics: RegisterCommand = (program, io) => {
  const topics = program.command('topics').description('the topics of the fleet');

  defineCommand(topics, {
    name: 'apply',
    summary: 'create what is missing; existing topics are left as they are',
    examples: ['vigil topics apply', 'vigil topics apply --partitions 12 --replication 3', 'vigil topics apply --date-shift'],
  })
    .option('--partitions <n>', 'partition count of all record topics; fixed for ever', '4')
    .option('--replication <n>', 'copies of each record; 1 = no copy, for one machine only', '1')
    .option('--date-shift', 'instead those of the deidentifier’s date-shift mode, which is no part of the fleet', false)
    .action(async ({ partitions, replication, dateShift }: { partitions: string; replication: string; dateShift: boolean }) => {
      const shape = {
        chainPartitions: wholeNumber('--partitions', partitions),
        replicationFactor: wholeNumber('--replication', replication),
      };
      if (shape.replicationFactor === 1) io.progress('replication factor 1: records have no second copy');
      const { withKafka } = await import('../connect/with-kafka.ts');
      const { applyTopics } = await import('../topics/apply-topics.ts');
      const { allTopics, dateShiftTopics } = await import('@vigil/contracts');
      const wanted = dateShift ? dateShiftTopics(shape) : allTopics(shape);
      const applied = await withKafka(({ admin }) => applyTopics(admin, shape, wanted));
      io.result(applied, ({ created, existing }) => `${created.length} created, ${existing} there already`);
    });

  defineCommand(topics, { name: 'list', summary: 'every topic of the catalogue', examples: ['vigil topics list --json'] }).action(
    async () => {
      const { withKafka } = await import('../connect/with-kafka.ts');
      const { listTopics } = await import('../topics/apply-topics.ts');
      io.result({ topics: await withKafka(({ admin }) => listTopics(admin)) }, (result) => listText(result.topics));
    },
  );
};
