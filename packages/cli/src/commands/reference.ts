import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { LoadedTopic } from '../reference/load-reference.ts';

interface LoadFlags {
  readonly asOf?: string;
}

const loadedLine = ({ topic, rows, published, unchanged, later }: LoadedTopic): string =>
  `${topic}: ${rows} rows, ${published} published, ${unchanged} unchanged${later > 0 ? `, ${later} not in force yet` : ''}`;

async function dayOf(asOf: string | undefined): Promise<number | null> {
  if (asOf === undefined) return null;
  const { day } = await import('../reference/csv-cells.ts');
  const read = day(asOf);
  if (!read.ok) throw new VigilError('BAD_USAGE', { detail: '--as-of takes a date such as 2024-03-15.' });
  return read.value;
}

/** The file of the local stack, or the one that the environment names. */
async function tokenKey() {
  const { loadKeys } = await import('@vigil/runtime');
  const { stackEnv } = await import('@vigil/stack');
  return loadKeys(process.env['VIGIL_KEYS_FILE'] ?? stackEnv().keysFile).token;
}

async function load(io: CliIo, directory: string, { asOf }: LoadFlags): Promise<void> {
  const day = await dayOf(asOf);
  const { readDirectory } = await import('../reference/read-directory.ts');
  const { loadReference } = await import('../reference/load-reference.ts');
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const read = await readDirectory(directory, await tokenKey());
  const topics = await withKafka((client) => loadReference(read, day, { client, registry: openRegistry() }));
  io.result({ topics }, (result) => result.topics.map(loadedLine).join('\n'));
}

/** `vigil reference load DIR`: reference data from CSV files to their topics. */
export const registerReference: RegisterCommand = (program, io) => {
  const reference = program.command('reference').description('what claims are decided by: members, providers, plans, prices, codes, edits');

  defineCommand(reference, {
    name: 'load <directory>',
    summary: 'publish the rows of the CSV files that are new; where one is bad, none is published',
    examples: ['vigil reference load infra/reference', 'vigil reference load infra/reference --as-of 2024-03-15'],
  })
    .option('--as-of <date>', 'leave out what begins after this day')
    .action((directory: string, flags: LoadFlags) => load(io, directory, flags));
};
