import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf, exportedClaimOf, standingOf, writeExplanation, writeRemittance, type ExplanationOfBenefit } from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import { hashId, VigilError } from '@vigil/core';
import type { Pool } from 'pg';
import type { CliIo } from '../cli-io.ts';
import { auditClaims } from './audit-claims.ts';
import type { Closing } from './close-cycle.ts';
import { namesFor } from './export-names.ts';
import type { ExportRequest } from './export-request.ts';
import { decisionsAt, lastDecisions, type DecisionPlace } from './read-decisions.ts';
import { readPayers } from './read-payers.ts';
import { ClosedCycle } from './closed-cycle.ts';
import { tokenPatient, type HeldDecision } from './cycle-rows.ts';
import { withDecisions } from './with-decisions.ts';
import { joined, writeParts } from './write-parts.ts';

type Of<Format extends ExportRequest['format']> = Extract<ExportRequest, { readonly format: Format }>;

/** @throws VigilError DISK_UNWRITABLE */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `${path}: ${(cause as NodeJS.ErrnoException).code}.`, cause });
  }
}

/** Texts of an export one after the other, and what they are as one document. */
interface Pieces {
  readonly texts: () => AsyncIterable<string>;
  readonly frame: { readonly head?: string; readonly between: string; readonly tail?: string };
  /** Asked only where the export goes to standard output. */
  readonly document: () => Promise<{ readonly value: object; readonly text: () => string }>;
}

/** To standard output goes one document; a file is written piece by piece, however large it is. */
async function give(io: CliIo, out: string | null, { texts, frame, document }: Pieces): Promise<void> {
  if (out === null) {
    const { value, text } = await document();
    return io.result(value, text);
  }
  await writeParts(out, joined(texts(), frame));
  return io.result({ written: out }, ({ written }) => `written: ${written}`);
}

/** What is exported of submissions, once it is recorded that it is. */
async function standingPlaces(pool: Pool, { filter, access }: Of<'json'> | Of<'fhir'>) {
  const places = await lastDecisions(pool, filter);
  await auditClaims('export', places.length, access);
  const reversals = new Map(places.map(({ decisionId, reversedBy }) => [decisionId, reversedBy]));
  return { places, reversedBy: ({ decisionId }: ClaimAdjudicated): string | null => reversals.get(decisionId) ?? null };
}

const exportJson = (io: CliIo, request: Of<'json'>): Promise<void> =>
  withDecisions('vigil_claims_reader', async (pool) => {
    const { places, reversedBy } = await standingPlaces(pool, request);
    const claims = () => mapped(decisionsAt(pool, places), (decision) => exportedClaimOf(decision, reversedBy(decision)));
    return give(io, request.out, {
      texts: () => mapped(claims(), (claim) => JSON.stringify(claim)),
      frame: { head: '{"claims":[', between: ',', tail: ']}\n' },
      document: async () => {
        const value = { claims: await Array.fromAsync(claims()) };
        return { value, text: () => JSON.stringify(value) };
      },
    });
  });

async function* mapped<From, To>(items: AsyncIterable<From>, map: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield map(item);
}

/** The patients of some decisions, read before any of them is shown. */
async function patientsAt(pool: Pool, places: readonly DecisionPlace[]): Promise<ReadonlySet<string>> {
  const tokens = new Set<string>();
  for await (const { patientToken } of decisionsAt(pool, places)) tokens.add(patientToken);
  return tokens;
}

const exportFhir = (io: CliIo, request: Of<'fhir'>): Promise<void> =>
  withDecisions('vigil_claims_reader', async (pool) => {
    const { shape, patients, out } = request;
    const { places, reversedBy } = await standingPlaces(pool, request);
    const patientOf = patients === 'names' ? await namesFor(await patientsAt(pool, places)) : () => null;
    const explain = (decision: ClaimAdjudicated): ExplanationOfBenefit => {
      const by = reversedBy(decision);
      return writeExplanation(standingOf(decision, by), patientOf(decision), by);
    };
    const resources = () => mapped(decisionsAt(pool, places), explain);
    const [head] = JSON.stringify({ ...bundleOf([]), total: places.length }).split(']}');
    return give(io, out, {
      texts: () => mapped(resources(), (resource) => JSON.stringify(shape === 'bundle' ? bundleOf([resource]).entry[0] : resource)),
      frame: shape === 'bundle' ? { head: head as string, between: ',', tail: ']}\n' } : { between: '\n', tail: '\n' },
      document: async () => {
        const all = await Array.fromAsync(resources());
        const value = bundleOf(all);
        const lines = (): string => all.map((resource) => JSON.stringify(resource)).join('\n');
        return { value, text: shape === 'bundle' ? () => JSON.stringify(value) : lines };
      },
    });
  });

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

async function exportRemittances(io: CliIo, request: Of<'835'>): Promise<void> {
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

/**
 * Carries an export out. Nothing is written before all of it is known to balance.
 *
 * @throws VigilError UNBALANCED_REMITTANCE, REMITTANCE_CHANGED, DISK_UNWRITABLE, and those of what it asks
 */
export function runExport(io: CliIo, request: ExportRequest): Promise<void> {
  switch (request.format) {
    case 'json':
      return exportJson(io, request);
    case 'fhir':
      return exportFhir(io, request);
    case '835':
      return exportRemittances(io, request);
  }
}
