import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRemittance } from '@vigil/claim-formats';
import { hashId, VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { auditClaims } from './audit-claims.ts';
import type { Closing } from './close-cycle.ts';
import { ClosedCycle } from './closed-cycle.ts';
import { tokenPatient, type HeldDecision } from './cycle-rows.ts';
import { namesFor } from './export-names.ts';
import type { ExportRequest } from './export-request.ts';
import { readPayers } from './read-payers.ts';
import { withDecisions } from './with-decisions.ts';

/** @throws VigilError DISK_UNWRITABLE */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `${path}: ${(cause as NodeJS.ErrnoException).code}.`, cause });
  }
}

/** What the export of a cycle says of itself under `--json`. */
interface CycleSummary {
  readonly cycle: string;
  /** Whether nothing was held back. */
  readonly balanced: boolean;
  readonly remittances: readonly {
    readonly payerId: string;
    readonly traceNumber: string;
    readonly payee: string;
    readonly claims: number;
    readonly paidCents: number;
    readonly forwardedCents: number;
  }[];
  /** Decisions that are not paid in this cycle, because they or something of their claim is wrong. */
  readonly held: readonly HeldDecision[];
  readonly files: readonly string[];
}

/** Tells what is not paid, on standard error too: the files alone look complete. */
function tellHeld(io: CliIo, held: readonly HeldDecision[]): void {
  if (held.length === 0) return;
  for (const { decisionId, payerId, payee, rule } of held)
    io.progress(`held back: decision ${decisionId}, payer ${payerId === '' ? 'UNKNOWN' : payerId}, payee ${payee}: ${rule}`);
  io.progress(`${held.length} decisions are not paid; the next cycle begins with them: vigil claims explain, UNBALANCED_REMITTANCE`);
  io.exitWith(1);
}

/**
 * A file's name cannot leave its directory, whatever a payer is called; a payer whose name is changed for it gets a part of
 * its hash, so that no two write to one file.
 */
function fileNameOf(payerId: string, cycle: string): string {
  const plain = payerId.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  const name =
    payerId === '' || (plain === payerId && payerId !== 'UNKNOWN')
      ? payerId || 'UNKNOWN'
      : `${plain}.${hashId('payer', payerId).slice(0, 12)}`;
  return `835_${name}_${cycle}.x12`;
}

/**
 * Exports the payments of a cycle, closed now where it is not yet.
 *
 * @throws VigilError REMITTANCE_CHANGED, DISK_UNWRITABLE, and those of what it asks
 */
export async function exportRemittances(io: CliIo, request: Extract<ExportRequest, { readonly format: '835' }>): Promise<void> {
  const { cycle, payerId, usage, out, access } = request;
  const payers = readPayers(request.payersFile);
  const closing: Closing = { by: access.by, record: (decisions) => auditClaims('export', decisions, access) };
  const closed = await withDecisions('vigil_remitter', (pool) => ClosedCycle.open(pool, { cycle, payerId, closing }));
  const tokens = new Set(closed.decisions.map(({ patientToken }) => patientToken));
  const patientOf = request.patients === 'names' ? await namesFor(tokens) : tokenPatient;
  const byPayer = closed.remittances(payers, patientOf);
  const texts = byPayer.map(({ controlNumber, closedAtMs, remittances, ...of }) => ({
    name: fileNameOf(of.payerId, cycle),
    text: writeRemittance({ controlNumber, payerId: of.payerId, createdAtMs: closedAtMs, usage, remittances }),
  }));
  if (out !== null && texts.length > 0) mkdirSync(out, { recursive: true });
  for (const { name, text } of out === null ? [] : texts) write(join(out as string, name), text);
  const summary: CycleSummary = {
    cycle,
    balanced: closed.held.length === 0,
    remittances: byPayer.flatMap(({ payerId: id, remittances }) =>
      remittances.map(({ traceNumber, payee, claims, paidCents, providerAdjustments }) => ({
        payerId: id,
        traceNumber,
        payee: payee.id,
        claims: claims.length,
        paidCents,
        forwardedCents: -providerAdjustments.reduce((sum, { cents }) => sum + Math.min(cents, 0), 0),
      })),
    ),
    held: closed.held,
    files: out === null ? [] : texts.map(({ name }) => join(out, name)),
  };
  io.result(summary, ({ remittances, files }) => {
    if (remittances.length === 0) return `cycle ${cycle} holds no payment`;
    return out === null ? texts.map(({ text }) => text).join('') : files.map((file) => `written: ${file}`).join('\n');
  });
  tellHeld(io, closed.held);
}
