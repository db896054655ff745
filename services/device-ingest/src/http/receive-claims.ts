import { setImmediate } from 'node:timers/promises';
import { readClaim, type ClaimPiece } from '@vigil/claim-formats';
import { topics, type ClaimReceived } from '@vigil/contracts';
import { classifyError, type Clock } from '@vigil/core';
import { admitRecords, type AdmitDependencies, type NewRecord } from './admit-records.ts';
import { HttpProblem, messageOf, type ItemError } from './problem.ts';
import { readInterchange } from './read-interchange.ts';
import { bodyFormatOf, invalidItems, readItems } from './read-items.ts';
import type { ReceivedRequest } from './receive-records.ts';

export interface ClaimDependencies extends AdmitDependencies {
  readonly clock: Clock;
  /** A claim of X12 in the wire format of its topic. @throws VigilError REGISTRY_AWAY, SCHEMA_NOT_REGISTERED */
  readonly encodeClaim: (received: ClaimReceived) => Promise<Buffer>;
}

const topic = topics.claimReceived.name;
const x12Type = 'application/edi-x12';

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

const registryAway = (): HttpProblem =>
  new HttpProblem({
    status: 503,
    name: 'registry-away',
    title: 'The schema registry does not answer',
    detail: 'Nothing of the request was taken. Send it again after the time in Retry-After.',
    retryAfterSeconds: 5,
  });

/** So many are encoded before others have their turn. */
const encodedAtOnce = 256;

/** The records of claims, one after the other. @throws HttpProblem 503 */
async function encodeAll(pieces: readonly ClaimPiece[], encodeClaim: ClaimDependencies['encodeClaim']): Promise<NewRecord[]> {
  const records: NewRecord[] = [];
  try {
    for (const { key, received } of pieces) {
      if (records.length % encodedAtOnce === 0) await setImmediate();
      records.push({ topic, key, value: await encodeClaim(received) });
    }
  } catch (error) {
    const { kind } = classifyError(error);
    if (kind === 'dependency' || kind === 'transient') throw registryAway();
    throw error;
  }
  return records;
}

/**
 * Takes the claims of one request, all or none: JSON, or interchanges of X12.
 *
 * @returns how many were acknowledged by Kafka
 * @throws HttpProblem 400, 413, 415, 422, 429 or 503
 */
export async function receiveClaims({ contentType, traceparent, body }: ReceivedRequest, dependencies: ClaimDependencies): Promise<number> {
  const format = claimFormatOf(contentType);
  const { clock, encodeClaim } = dependencies;
  if (format === 'x12') {
    const pieces = await readInterchange(body, clock.now());
    const records = (): Promise<NewRecord[]> => encodeAll(pieces, encodeClaim);
    return admitRecords({ count: pieces.length, records, critical: false, traceparent }, dependencies);
  }
  const records = jsonRecords(body, format);
  return admitRecords({ count: records.length, records: () => records, critical: false, traceparent }, dependencies);
}
