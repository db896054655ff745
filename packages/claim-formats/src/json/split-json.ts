import { hash } from 'node:crypto';
import type { ClaimReceived } from '@vigil/contracts';
import type { ChunkReader } from '../split/chunk-reader.ts';
import { createRejection, type Rejection, type RejectionOf } from '../split/create-rejection.ts';
import { finding, maxClaimBytes, type Batches, type Finding, type Piece, type SplitOptions } from '../split/piece.ts';
import { scanLines } from './scan-lines.ts';
import { scanValues, type CutValue, type ValueScanner } from './scan-values.ts';

const none = Buffer.alloc(0);
const newline = 0x0a;
/** So much of the input tells how it is laid out. */
export const layoutWindowBytes = 64 * 1024;

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * One value a line, where the first line is a whole value and more than a bracket, or a second line begins with a brace
 * although the first did not end; else values over any lines.
 */
function isLineByLine(head: Buffer): boolean {
  let first = 0;
  while (first < head.length && (head[first] as number) <= 0x20) first++;
  if (head[first] !== 0x7b) return false;
  const end = head.indexOf(newline, first);
  if (end < 0) return false;
  if (isObject(parse(head.subarray(first, end)))) return true;
  return end - first > 2 && head[end + 1] === 0x7b;
}

/** The key under which a claim is published: its id, else a hash of its bytes. */
function keyOfJson(value: unknown, bytes: Buffer): string {
  const id = isObject(value) ? (value['claim_id'] ?? value['CLM_UNIQ_ID']) : undefined;
  return typeof id === 'string' && id !== '' && id.length <= 128 ? id : hash('sha256', bytes).slice(0, 32);
}

/** What a JSON value is: a claim of the customer, one of CMS, or a resource that is no claim. */
function formatOfJson(value: unknown): 'json' | 'cms-eob' | 'other' {
  const type = isObject(value) ? value['resourceType'] : undefined;
  if (typeof type !== 'string') return 'json';
  return type.startsWith('ExplanationOfBenefit') ? 'cms-eob' : 'other';
}

const notAClaim = finding('NOT_A_CLAIM', 'a resource of another kind');
const tooLarge = finding('MESSAGE_TOO_LARGE', 'the claim takes more than a record');
const brokenOff = finding('NOT_JSON', 'the value or its array breaks off');

/**
 * Splits JSON: one object, an array, objects one a line or one after the other. Each value leaves byte for byte, whether it
 * can be read or not: what cannot goes to quarantine as it is. Only what is no single claim is rejected here: a value above
 * 4 MB, one that breaks off with the input, and resources of CMS that are no claim.
 */
export async function* splitJson(reader: ChunkReader, options: SplitOptions): Batches {
  const head = await reader.peek(layoutWindowBytes);
  const scanner: ValueScanner = isLineByLine(head) ? scanLines(maxClaimBytes) : scanValues(maxClaimBytes);
  let ordinal = 0;
  let rejection: Rejection | null = null;

  const begin = ({ offset, line }: CutValue, found: Finding): Rejection => {
    const of: RejectionOf = {
      options,
      offset,
      line,
      format: 'json',
      scope: 'claim',
      interchangeControl: null,
      findings: [found],
      acknowledgement: none,
    };
    return createRejection(of);
  };
  function* rejectPiece(value: CutValue, found: Finding, claims: number): Generator<Piece> {
    rejection ??= begin(value, found);
    yield* rejection.add(value.bytes);
    if (!value.isLast) return;
    yield rejection.end(claims);
    ordinal += claims;
    rejection = null;
  }
  function* take(value: CutValue, isEnd: boolean): Generator<Piece> {
    if (!value.isFirst || !value.isLast || value.bytes.length > maxClaimBytes) return yield* rejectPiece(value, tooLarge, 1);
    if (isEnd && !value.isWhole) return yield* rejectPiece(value, brokenOff, 1);
    const parsed = parse(value.bytes);
    const format = formatOfJson(parsed);
    if (format === 'other') return yield* rejectPiece(value, notAClaim, 0);
    const envelope = { segment: null, interchangeControl: null, groupControl: null, transactionControl: null };
    const received: ClaimReceived = {
      format,
      content: value.bytes,
      context: none,
      source: options.source,
      ordinal: ordinal++,
      line: value.line,
      ...envelope,
    };
    yield { kind: 'claim', key: keyOfJson(parsed, value.bytes), received };
  }
  for await (const chunk of reader.rest()) yield scanner.push(chunk).flatMap((value) => [...take(value, false)]);
  yield scanner.end().flatMap((value) => [...take(value, true)]);
}
