import type { ClaimReceived, InterchangeFinding, InterchangeRejected } from '@vigil/contracts';

/** One claim of an input, to be published under `key`. */
export interface ClaimPiece {
  readonly kind: 'claim';
  /** Its Kafka key: the claim id, else a hash of its content. */
  readonly key: string;
  readonly received: ClaimReceived;
}

/** A piece of an input that is no claim, or holds claims that cannot be taken; one record for each 4 MB of it. */
export interface RejectedPiece {
  readonly kind: 'rejected';
  readonly record: InterchangeRejected;
}

/** A TA1 or 999 to give back to the sender; it is in the rejections that it tells of, too. */
export interface AcknowledgementPiece {
  readonly kind: 'acknowledgement';
  readonly source: string;
  readonly type: 'TA1' | '999';
  /** ISA13 of what it answers. */
  readonly interchangeControl: string;
  readonly bytes: Buffer;
}

export type Piece = ClaimPiece | RejectedPiece | AcknowledgementPiece;
/** Pieces that were ready together: one by one they would cost more to hand on than to find. */
export type Batches = AsyncGenerator<readonly Piece[]>;
export type Finding = InterchangeFinding;

/**
 * Where the splitter keeps an interchange until its trailers are seen. The bytes that are kept follow each other in the
 * input; they are read once, from the first to the last, and then dropped.
 */
export interface Hold {
  keep(bytes: Buffer): void | Promise<void>;
  read(): AsyncIterable<Buffer> | Iterable<Buffer>;
  drop(): void | Promise<void>;
}

export interface SplitOptions {
  /** Name of the file, or `gateway`; shown to people. */
  readonly source: string;
  /** Time of the rejections and acknowledgements, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Where an interchange that begins at `offset` of the input is kept; in memory when left out: then give it nothing larger. */
  readonly openHold?: (offset: number) => Hold;
}

export type Chunks = AsyncIterable<Buffer>;

/** What a record of a `received` topic holds beside the claim itself: envelope, key and the fields of ClaimReceived. */
const roomBytes = 64 * 1024;
/** A claim with its context takes no more than this, so that its record stays below the topic's 4 MiB. */
export const maxClaimBytes = 4 * 1024 * 1024 - roomBytes;
/**
 * The envelope and loops that each claim takes with it: so that an interchange of many claims below one loop does not
 * become as many times its size. What a provider and a subscriber tell of themselves takes a hundredth of it.
 */
export const maxContextBytes = 64 * 1024;
/** A rejected piece is published in parts of this size. */
export const maxPartBytes = 4 * 1024 * 1024;

/** Keeps an interchange in memory. */
export function createMemoryHold(): Hold {
  let kept: Buffer[] = [];
  return {
    keep: (bytes) => void kept.push(bytes),
    read: () => kept,
    drop: () => void (kept = []),
  };
}

export const finding = (code: string, detail: string, place: Partial<Finding> = {}): Finding => ({
  code,
  segment: 0,
  segmentId: '',
  element: null,
  component: null,
  detail,
  ...place,
});
