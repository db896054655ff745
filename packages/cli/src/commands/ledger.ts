import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { Ledger } from '@vigil/kafka';
import { wholeNumber } from '../options/whole-number.ts';

interface LedgerFlags {
  readonly wait?: string;
  readonly closed?: boolean;
}

const columns = ['consumed', 'processed', 'late', 'duplicate', 'rejected', 'suppressed', 'unaccounted'] as const;

export function ledgerText({ balanced, unaccounted, stages }: Ledger): string {
  const heading = `${'stage'.padEnd(30)}${'topic'.padEnd(40)}${columns.map((name) => name.padStart(12)).join('')}`;
  const rows = stages.map(
    (stage) =>
      `${stage.stage.padEnd(30)}${(stage.topic || '(time)').padEnd(40)}${columns.map((name) => String(stage[name]).padStart(12)).join('')}`,
  );
  return [heading, ...rows, balanced ? 'balanced' : `NOT balanced: ${unaccounted} unaccounted`].join('\n');
}

async function showLedger(io: CliIo, { wait, closed }: LedgerFlags): Promise<void> {
  if (closed === true && wait === undefined) throw new VigilError('BAD_USAGE', { detail: '--closed goes with --wait SECONDS.' });
  const withinMs = wait === undefined ? 0 : wholeNumber('--wait', wait, 0) * 1000;
  const { withFleet } = await import('../connect/with-fleet.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { windowingAdminUrls } = await import('../connect/windowing-admin-urls.ts');
  const { measurePositions } = await import('@vigil/kafka');
  const { openLedger } = await import('@vigil/kafka');
  const { awaitBalance } = await import('../ledger/await-balance.ts');
  const { countOpenWindowsOrNull } = await import('../ledger/open-windows.ts');
  const adminUrls = closed === true ? windowingAdminUrls() : undefined;
  const answer = await withFleet(async ({ client, sinkPositions, clock }) => {
    const reader = await openLedger({ client, registry: openRegistry() });
    try {
      return await awaitBalance(
        {
          positions: () => measurePositions({ client, sinkPositions }),
          totals: () => reader.catchUp(),
          openWindows: adminUrls && (() => countOpenWindowsOrNull(adminUrls)),
          nowMs: () => clock.now(),
          sleep,
        },
        withinMs,
      );
    } finally {
      if (reader.unreadable() > 0)
        io.progress(`${reader.unreadable()} records of the ledger topic are no ledger rows and were passed over`);
      await reader.close();
    }
  });
  const timedOut = wait !== undefined && !answer.drained;
  if (timedOut) io.progress(`not drained within ${wait} s`);
  io.result(answer.ledger, ledgerText);
  if (timedOut || !answer.ledger.balanced) io.exitWith(1);
}

/** `vigil ledger`: what became of every record, stage by stage. */
export const registerLedger: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'ledger',
    summary: 'what became of every record, stage by stage; 1 when something is unaccounted for',
    examples: ['vigil ledger', 'vigil ledger --wait 60 --closed --json'],
  })
    .option('--wait <seconds>', 'return when every group is drained; 1 when that takes longer')
    .option('--closed', 'with --wait: also only when no window is open')
    .action((flags: LedgerFlags) => showLedger(io, flags));
};
