import { bundleOf, exportedClaimOf, standingOf, writeExplanation, type ExplanationOfBenefit } from '@vigil/claim-formats';
import type { ClaimAdjudicated } from '@vigil/contracts';
import type { Pool } from 'pg';
import type { CliIo } from '../cli-io.ts';
import { auditClaims } from './audit-claims.ts';
import { namesFor } from './export-names.ts';
import { exportRemittances } from './export-remittances.ts';
import type { ExportRequest } from './export-request.ts';
import { decisionsAt, lastDecisions, type DecisionPlace } from './read-decisions.ts';
import { withDecisions } from './with-decisions.ts';
import { joined, writeParts } from './write-parts.ts';

type Of<Format extends ExportRequest['format']> = Extract<ExportRequest, { readonly format: Format }>;

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
