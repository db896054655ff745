import { hash } from 'node:crypto';
import type { ClaimReceived } from '@vigil/contracts';
import type { ChunkReader } from '../split/chunk-reader.ts';
import { createRejection, type Rejection } from '../split/create-rejection.ts';
import { finding, maxClaimBytes, type Batches, type Finding, type Piece, type SplitOptions } from '../split/piece.ts';
import { scanLines } from '../json/scan-lines.ts';
import type { CutValue } from '../json/scan-values.ts';

const none = Buffer.alloc(0);
const separator = 0x7c;

/** Columns that name the claim of a row: of a claim file, of a prescription drug event. */
const idColumns = ['CLM_ID', 'PDE_ID'];

/** Whether the first line is the header of a RIF file, of claims or of anything else. */
export const isRifHeader = (line: string): boolean => /^[A-Z0-9_]+(\|[A-Z0-9_]+){3,}\r?$/.test(line);

/** Index of the column with the claim's id; -1 = the rows are no claims. */
export function claimColumnOf(header: string): number {
  const columns = header.trim().split('|');
  return idColumns.map((id) => columns.indexOf(id)).find((index) => index >= 0) ?? -1;
}

function cell(row: Buffer, index: number): string {
  let start = 0;
  for (let column = 0; column < index; column++) {
    const next = row.indexOf(separator, start);
    if (next < 0) return '';
    start = next + 1;
  }
  const end = row.indexOf(separator, start);
  return row.toString('utf8', start, end < 0 ? row.length : end);
}

const tooLarge = finding('MESSAGE_TOO_LARGE', 'the rows of the claim take more than a record');

interface OpenClaim {
  readonly id: string;
  readonly offset: number;
  readonly line: number;
  rows: Buffer[];
  bytes: number;
  rejection: Rejection | null;
}

/**
 * Splits a RIF file of CMS (`|` between cells, a header line): rows of one claim id that follow each other are one claim.
 * @see CMS Beneficiary FHIR Data server, synthetic data
 */
export async function* splitRif(reader: ChunkReader, options: SplitOptions): Batches {
  const scanner = scanLines(maxClaimBytes);
  let header: Buffer | null = null;
  let column = -1;
  let ordinal = 0;
  let open: OpenClaim | null = null;

  const rejectionAt = (offset: number, line: number, found: Finding): Rejection =>
    createRejection({
      options,
      offset,
      line,
      format: 'cms-rif',
      scope: 'claim',
      interchangeControl: null,
      findings: [found],
      acknowledgement: none,
    });

  function* close(): Generator<Piece> {
    if (open === null) return;
    const { rejection, rows, id, line } = open;
    if (rejection) {
      yield rejection.end(1);
      ordinal++;
    } else {
      const content = Buffer.concat(rows.flatMap((row) => [row, Buffer.from('\n')]));
      const envelope = { segment: null, interchangeControl: null, groupControl: null, transactionControl: null };
      const received: ClaimReceived = {
        format: 'cms-rif',
        content,
        context: header ?? none,
        source: options.source,
        ordinal: ordinal++,
        line,
        ...envelope,
      };
      yield { kind: 'claim', key: id === '' ? hash('sha256', content).slice(0, 32) : id, received };
    }
    open = null;
  }
  function* takeRow(row: CutValue): Generator<Piece> {
    const id: string = row.isFirst ? cell(row.bytes, column) : (open?.id ?? '');
    if (row.isFirst && (open === null || open.id !== id || id === '')) {
      yield* close();
      open = { id, offset: row.offset, line: row.line, rows: [], bytes: header?.length ?? 0, rejection: null };
    }
    const claim = open as unknown as OpenClaim;
    claim.bytes += row.bytes.length + 1;
    if (claim.rejection === null && (claim.bytes > maxClaimBytes || !row.isLast)) {
      claim.rejection = rejectionAt(claim.offset, claim.line, tooLarge);
      for (const earlier of claim.rows) yield* claim.rejection.add(Buffer.concat([earlier, Buffer.from('\n')]));
      claim.rows = [];
    }
    const bytes = row.isLast ? Buffer.concat([row.bytes, Buffer.from('\n')]) : row.bytes;
    if (claim.rejection) yield* claim.rejection.add(bytes);
    else claim.rows.push(row.bytes);
  }
  function* take(rows: readonly CutValue[]): Generator<Piece> {
    for (const row of rows) {
      if (header === null) {
        header = row.bytes;
        column = claimColumnOf(header.toString('latin1'));
      } else yield* takeRow(row);
    }
  }
  for await (const chunk of reader.rest()) yield [...take(scanner.push(chunk))];
  yield [...take(scanner.end()), ...close()];
}
