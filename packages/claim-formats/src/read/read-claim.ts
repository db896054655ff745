import type { ClaimReceived } from '@vigil/contracts';
import { readEobClaim } from '../cms/read-eob-claim.ts';
import { createRifReader } from '../cms/read-rif-claim.ts';
import { readJsonClaim } from '../json/read-json-claim.ts';
import { createX12Reader } from '../x12/read-x12-claim.ts';
import { unreadable, type ClaimRead } from './claim-read.ts';

/** What of a received claim is needed to read it; bare bytes are the customer's JSON. */
export type ReadableClaim = Pick<ClaimReceived, 'format' | 'content' | 'context'> | Buffer;

/**
 * A reader that keeps what claims share (the loops around consecutive X12 claims, the header of a RIF file) from one claim
 * to the next. What it answers depends on the claim alone.
 */
export function createClaimReader(): (received: ReadableClaim) => ClaimRead {
  const readX12 = createX12Reader();
  const readRif = createRifReader();
  return (received) => {
    if (received instanceof Uint8Array) return readJsonClaim(received);
    switch (received.format) {
      case 'json':
        return readJsonClaim(received.content);
      case 'x12-837p':
      case 'x12-837i':
        return readX12(received);
      case 'cms-rif':
        return readRif(received);
      case 'cms-eob':
        return readEobClaim(received.content);
      default:
        return unreadable('MALFORMED_CLAIM');
    }
  };
}

/** Reads one claim of any format. What is wrong with it, if it can be read at all, stands in its `problems`. */
export const readClaim = (received: ReadableClaim): ClaimRead => createClaimReader()(received);
