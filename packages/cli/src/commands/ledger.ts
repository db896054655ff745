import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { Ledger } from '@vigil/contracts';
import type { ScopedLedger } from '../ledger/show-scope.ts';
import { moment } from '../options/moment.ts';
import { wholeNumber } from '../options/whole-number.ts';

interface LedgerFlags {
  readonly wait?: string;
  readonly closed?: boolean;
  readonly batch?: string;
  readonly topic?: string;
  readonly since?: string;
}

const columns = ['consumed', 'processed', 'late', 'duplicate', 'rejected', 'suppressed', 'unaccounted'] as const;

const lineOf = (name: string, topic: string, counts: Partial<Record<(typeof columns)[number], number>>): string =>
  `${name.padEnd(30)}${topic.padEnd(40)}${columns.map((column) => String(counts[column] ?? '').padStart(12)).join('')}`;

export function ledgerText({ balanced, unaccounted, stages }: Ledger): string {
  const heading = `${'stage'.padEnd(30)}${'topic'.padEnd(40)}${columns.map((name) => name.padStart(12)).join('')}`;
  const rows = stages.flatMap(({ subStages = [], ...stage }) => [
    lineOf(stage.stage, stage.topic || '(time)', stage),
    ...subStages.map((part) => lineOf(`  ${part.subStage}`, '', part)),
  ]);
  return [heading, ...rows, balanced ? 'balanced' : `NOT balanced: ${unaccounted} unaccounted`].join('\n');
}

export const scopedText = (scoped: ScopedLedger): string =>
  [
    ledgerText(scoped),
    ...scoped.first.map(
      ({ stage, topic, partition, offset, what, todo }) => `${stage} at ${topic}-${partition}@${offset}: ${what}; ${todo}`,
    ),
  ].join('\n');

async function showPart(io: CliIo, { batch, topic, since }: LedgerFlags): Promise<void> {
  const scope = {
    ...(batch !== undefined && { batchId: batch }),
    ...(topic !== undefined && { topic }),
    ...(since !== undefined && { sinceMs: moment('--since', since, Date.now()) }),
  };
  const { withFleet } = await import('../connect/with-fleet.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { showScope } = await import('../ledger/show-scope.ts');
  const scoped = await withFleet((fleet) => showScope({ ...fleet, registry: openRegistry() }, scope));
  io.result(scoped, scopedText);
  if (!scoped.balanced) io.exitWith(1);
}

async function showLedger(io: CliIo, flags: LedgerFlags): Promise<void> {
  const { wait, closed } = flags;
  const isPart = flags.batch !== undefined || flags.topic !== undefined || flags.since !== undefined;
  if (isPart && wait !== undefined) throw new VigilError('BAD_USAGE', { detail: '--wait is about the whole ledger, not a part of it.' });
  if (closed === true && wait === undefined) throw new VigilError('BAD_USAGE', { detail: '--closed goes with --wait SECONDS.' });
  if (isPart) return showPart(io, flags);
  const withinMs = wait === undefined ? 0 : wholeNumber('--wait', wait, 0) * 1000;
  const { withFleet } = await import('../connect/with-fleet.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { windowingAdminUrls } = await import('../connect/windowing-admin-urls.ts');
  const { measurePositions } = await import('@vigil/kafka');
  const { openLedger } = await import('@vigil/kafka');
  const { findFirstBreaks } = await import('../ledger/first-breaks.ts');
  const { awaitBalance } = await import('../ledger/await-balance.ts');
  const { countOpenWindowsOrNull } = await import('../ledger/open-windows.ts');
  const adminUrls = closed === true ? windowingAdminUrls() : undefined;
  const answer = await withFleet(async ({ client, sinkPositions, clock }) => {
    const registry = openRegistry();
    const reader = await openLedger({ client, registry });
    try {
      const answer = await awaitBalance(
        {
          positions: () => measurePositions({ client, sinkPositions }),
          totals: () => reader.catchUp(),
          openWindows: adminUrls && (() => countOpenWindowsOrNull(adminUrls)),
          nowMs: () => clock.now(),
          sleep,
        },
        withinMs,
      );
      const positions = answer.ledger.balanced ? [] : await measurePositions({ client, sinkPositions });
      return { ...answer, first: await findFirstBreaks({ client, registry }, answer.ledger, positions) };
    } finally {
      if (reader.unreadable() > 0)
        io.progress(`${reader.unreadable()} records of the ledger topic are no ledger rows and were passed over`);
      await reader.close();
    }
  });
  const timedOut = wait !== undefined && !answer.drained;
  if (timedOut) io.progress(`not drained within ${wait} s`);
  io.result({ ...answer.ledger, first: answer.first }, scopedText);
  if (timedOut || !answer.ledger.balanced) io.exitWith(1);
}

/** `vigil ledger`: what became of every record, stage by stage. */
export const registerLedger: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'ledger',
    summary: 'what became of every record, stage by stage; 1 when something is unaccounted for',
    examples: [
      'vigil ledger',
      'vigil ledger --topic vitals.reading.accepted.v1',
      'vigil ledger --since 90m',
      'vigil ledger --wait 60 --closed --json',
    ],
  })
    .option('--wait <seconds>', 'return when every group is drained; 1 when that takes longer')
    .option('--closed', 'with --wait: also only when no window is open')
    .option('--batch <id>', 'only the records of one batch, by the header vigil-batch-id')
    .option('--topic <name>', 'only the stages that read this topic, and where their account breaks first')
    .option('--since <time>', 'only what was committed since then (2026-01-31T10:00:00Z, 90m); stages are not held against each other')
    .action((flags: LedgerFlags) => showLedger(io, flags));
};
