import { setImmediate } from 'node:timers/promises';
import { detectFormat, splitClaimBatches, type ClaimPiece, type Finding, type Piece, type RejectedPiece } from '@vigil/claim-formats';
import { maxMessageBytes } from '../domain/read-message.ts';
import { mostErrors } from './list-errors.ts';
import { HttpProblem, type ItemError } from './problem.ts';
import { invalidItems, maxItems, tooLarge } from './read-items.ts';

/** So much is looked at before others have their turn: a critical reading waits for no interchange. */
const sliceBytes = 32 * 1024;
/** What stands before the interchange is told by so much. */
const windowBytes = 64 * 1024;
/** Each claim takes its envelope and loops with it: the claims of one body may take twice its limit. */
export const maxClaimsBytes = 2 * maxMessageBytes;

const malformed = (detail: string): HttpProblem =>
  new HttpProblem({ status: 400, name: 'malformed-body', title: 'The body cannot be read', detail });

const tooMuchTogether = (): HttpProblem =>
  new HttpProblem({
    status: 413,
    name: 'too-large',
    title: 'The request is too large',
    detail: `Each claim takes its envelope and loops with it: the claims of a body may take ${maxClaimsBytes} bytes; nothing of the request was taken. Split it.`,
  });

const elementOf = ({ segmentId, element, component }: Finding): string =>
  `${segmentId}${element === null ? '' : String(element).padStart(2, '0')}${component === null ? '' : `-${component}`}`;

async function* slicesOf(body: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < body.length; from += sliceBytes) {
    yield body.subarray(from, from + sliceBytes);
    await setImmediate();
  }
}

/** What is wrong with an interchange: segment and element in the field, the code of TA1 or 999; each fault once. */
function createErrors() {
  const errors: ItemError[] = [];
  const told = new Set<Finding>();
  let [items, found] = [0, 0];
  const tell = (finding: Finding, index: number): void => {
    if (told.has(finding)) return;
    found++;
    if (errors.length >= mostErrors) return;
    told.add(finding);
    const element = elementOf(finding);
    const field = `segment ${finding.segment}${element === '' ? '' : ` ${element}`}`;
    errors.push({ index, field, code: finding.code, message: finding.detail });
  };
  return {
    add({ record }: RejectedPiece, index: number): void {
      if (record.part === 1) items++;
      for (const finding of record.findings) tell(finding, index);
    },
    throwAny(): void {
      if (items > 0) throw invalidItems(errors, { items, errors: found });
    },
  };
}

/** Takes pieces as long as there are no more of them than a request may hold. */
function createTaking() {
  const claims: ClaimPiece[] = [];
  const errors = createErrors();
  let [pieces, held, bytes] = [0, 0, 0];
  return {
    take(piece: Piece): void {
      const index = pieces++;
      if (piece.kind === 'acknowledgement') return;
      if (piece.kind === 'rejected') {
        errors.add(piece, index);
        held += piece.record.claims;
      } else {
        claims.push(piece);
        held++;
        bytes += piece.received.content.length + piece.received.context.length;
      }
      if (held > maxItems) throw tooLarge();
      if (bytes > maxClaimsBytes) throw tooMuchTogether();
    },
    end(): readonly ClaimPiece[] {
      errors.throwAny();
      if (claims.length === 0) throw malformed('The body holds no claim.');
      return claims;
    },
  };
}

/**
 * The claims of interchanges of X12, all or none, in slices between which others have their turn.
 * @throws HttpProblem 400 (no X12, no claim), 413 (too many, or too much with their loops), 422 (each fault)
 */
export async function readInterchange(body: Buffer, nowMs: number): Promise<readonly ClaimPiece[]> {
  if (detectFormat(body.subarray(0, windowBytes)) !== 'x12') throw malformed('The body is no interchange of X12.');
  const taking = createTaking();
  for await (const batch of splitClaimBatches(slicesOf(body), { source: 'gateway', nowMs })) {
    for (const piece of batch) taking.take(piece);
    await setImmediate();
  }
  return taking.end();
}
