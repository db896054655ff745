import { detectFormat, readClaim, splitClaims, type ClaimPiece, type Finding, type Piece } from '@vigil/claim-formats';
import { topics, type ClaimReceived } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import { admitRecords, type AdmitDependencies } from './admit-records.ts';
import { HttpProblem, messageOf, type ItemError } from './problem.ts';
import { bodyFormatOf, invalidItems, readItems } from './read-items.ts';
import type { ReceivedRequest } from './receive-records.ts';
import type { ReceivedRecord } from './record-publisher.ts';

export interface ClaimDependencies extends AdmitDependencies {
  readonly clock: Clock;
  /** A claim of X12 in the wire format of its topic. @throws VigilError REGISTRY_AWAY, SCHEMA_NOT_REGISTERED */
  readonly encodeClaim: (received: ClaimReceived) => Promise<Buffer>;
}

type NewRecord = Omit<ReceivedRecord, 'traceparent'>;

const topic = topics.claimReceived.name;
export const x12Type = 'application/edi-x12';

/** @throws HttpProblem 415 */
export function claimFormatOf(contentType: string | undefined): 'json' | 'lines' | 'x12' {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  return type.trim() === x12Type ? 'x12' : bodyFormatOf(contentType);
}

/** Claims of the customer's JSON: each that intake could read, byte for byte. What is wrong inside of one is for adjudication. */
function jsonRecords(body: Buffer, format: 'json' | 'lines'): NewRecord[] {
  const errors: ItemError[] = [];
  const records = readItems(body, format).flatMap(({ bytes }, index): NewRecord[] => {
    const read = readClaim(bytes);
    if (read.ok) return [{ topic, key: read.claim.claimId, value: bytes }];
    const field = read.code === 'MISSING_CLAIM_ID' ? 'claim_id' : '';
    errors.push({ index, field, code: read.code, message: messageOf(read.code) });
    return [];
  });
  if (errors.length > 0) throw invalidItems(errors);
  return records;
}

const elementOf = ({ segmentId, element, component }: Finding): string =>
  `${segmentId}${element === null ? '' : String(element).padStart(2, '0')}${component === null ? '' : `-${component}`}`;

/** What is wrong with an interchange: segment and element in the field, the code of TA1 or 999. */
function errorsOf(pieces: readonly Piece[]): ItemError[] {
  return pieces.flatMap((piece, index) => {
    if (piece.kind !== 'rejected') return [];
    return piece.record.findings.map((finding) => ({
      index,
      field: `segment ${finding.segment}${elementOf(finding) === '' ? '' : ` ${elementOf(finding)}`}`,
      code: finding.code,
      message: finding.detail,
    }));
  });
}

const unreadable = (detail: string): HttpProblem =>
  new HttpProblem({ status: 400, name: 'malformed-body', title: 'The body cannot be read', detail });

async function x12Records(body: Buffer, { clock, encodeClaim }: ClaimDependencies): Promise<NewRecord[]> {
  if (detectFormat(body) !== 'x12') throw unreadable('The body is no interchange of X12.');
  const chunks = (async function* () {
    yield body;
  })();
  const pieces: Piece[] = [];
  for await (const piece of splitClaims(chunks, { source: 'gateway', nowMs: clock.now() })) pieces.push(piece);
  const errors = errorsOf(pieces);
  if (errors.length > 0) throw invalidItems(errors);
  const claims = pieces.filter((piece): piece is ClaimPiece => piece.kind === 'claim');
  if (claims.length === 0) throw unreadable('The body holds no claim.');
  return Promise.all(claims.map(async ({ key, received }) => ({ topic, key, value: await encodeClaim(received) })));
}

/**
 * Takes the claims of one request, all or none: JSON, or interchanges of X12.
 *
 * @returns how many were acknowledged by Kafka
 * @throws HttpProblem 400, 413, 415, 422, 429 or 503
 */
export async function receiveClaims({ contentType, traceparent, body }: ReceivedRequest, dependencies: ClaimDependencies): Promise<number> {
  const format = claimFormatOf(contentType);
  const records = format === 'x12' ? await x12Records(body, dependencies) : jsonRecords(body, format);
  return admitRecords({ records, critical: false, traceparent }, dependencies);
}
