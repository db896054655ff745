import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf, exportedClaimOf, writeExplanation, writeRemittance } from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { namesFor } from './export-names.ts';
import type { ExportRequest } from './export-request.ts';
import { decisionsAt, lastDecisions, type DecisionFilter } from './read-decisions.ts';
import { readPayers } from './read-payers.ts';
import { ClosedCycle } from './remittance-cycles.ts';
import { withDecisions } from './with-decisions.ts';

type Of<Format extends ExportRequest['format']> = Extract<ExportRequest, { readonly format: Format }>;

/** @throws VigilError DISK_UNWRITABLE */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `${path}: ${(cause as NodeJS.ErrnoException).code}.`, cause });
  }
}

const readLast = (filter: DecisionFilter): Promise<readonly ClaimAdjudicated[]> =>
  withDecisions(async (pool) => Array.fromAsync(decisionsAt(pool, await lastDecisions(pool, filter))));

/** The one document goes to standard output, or its text to a file with a line that says so. */
function give(io: CliIo, out: string | null, document: object, text: string): void {
  if (out === null) return io.result(document, () => text);
  write(out, text.endsWith('\n') ? text : `${text}\n`);
  return io.result({ written: out }, ({ written }) => `written: ${written}`);
}

async function exportJson(io: CliIo, { filter, out }: Of<'json'>): Promise<void> {
  const document = { claims: (await readLast(filter)).map(exportedClaimOf) };
  give(io, out, document, JSON.stringify(document));
}

async function exportFhir(io: CliIo, { filter, shape, reveal, out }: Of<'fhir'>): Promise<void> {
  const decisions = await readLast(filter);
  const patientOf = reveal === null ? null : await namesFor(decisions, reveal);
  const resources = decisions.map((decision) => writeExplanation(decision, patientOf?.(decision) ?? null));
  const bundle = bundleOf(resources);
  const text = shape === 'bundle' ? JSON.stringify(bundle) : resources.map((resource) => JSON.stringify(resource)).join('\n');
  give(io, out, bundle, text);
}

/** What the export of a cycle says of itself under `--json`. */
interface CycleSummary {
  readonly cycle: string;
  readonly balanced: true;
  readonly remittances: readonly {
    readonly payerId: string;
    readonly traceNumber: string;
    readonly payee: string;
    readonly claims: number;
    readonly paidCents: number;
    readonly forwardedCents: number;
  }[];
  readonly files: readonly string[];
}

/** A file's name cannot leave its directory, whatever a payer is called. */
const fileNameOf = (payerId: string, cycle: string): string =>
  `835_${payerId === '' ? 'UNKNOWN' : payerId.replaceAll(/[^A-Za-z0-9_-]/g, '_')}_${cycle}.x12`;

async function exportRemittances(io: CliIo, request: Of<'835'>): Promise<void> {
  const { cycle, payerId, usage, out } = request;
  const payers = readPayers(request.payersFile);
  const closed = await withDecisions((pool) => ClosedCycle.open(pool, cycle, payerId));
  const patientOf = await namesFor(closed.decisions, request.reveal);
  const byPayer = closed.remittances(payers, patientOf);
  const texts = byPayer.map(({ controlNumber, closedAtMs, remittances, ...of }) => ({
    name: fileNameOf(of.payerId, cycle),
    text: writeRemittance({ controlNumber, payerId: of.payerId, createdAtMs: closedAtMs, usage, remittances }),
  }));
  if (out !== null && texts.length > 0) mkdirSync(out, { recursive: true });
  for (const { name, text } of out === null ? [] : texts) write(join(out as string, name), text);
  const summary: CycleSummary = {
    cycle,
    balanced: true,
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
    files: out === null ? [] : texts.map(({ name }) => join(out, name)),
  };
  io.result(summary, ({ remittances, files }) => {
    if (remittances.length === 0) return `cycle ${cycle} holds no payment`;
    return out === null ? texts.map(({ text }) => text).join('') : files.map((file) => `written: ${file}`).join('\n');
  });
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
