/**
 * - `DISCOVERED`   listed; not known to be whole
 * - `STABLE`       whole, nobody's
 * - `CLAIMED`      an attempt has it
 * - `STAGED`       copied to this side, its hash known
 * - `VERIFIED`     its archive, encoding, header and manifest are right
 * - `LOADED`       all its records are in the topic, or its rows in the table
 * - `ARCHIVED`     out of the source's way
 * - `QUARANTINED`  for a person
 * - `DUPLICATE`    the same content was taken under another name, or before
 */
export const fileStates = [
  'DISCOVERED',
  'STABLE',
  'CLAIMED',
  'STAGED',
  'VERIFIED',
  'LOADED',
  'ARCHIVED',
  'QUARANTINED',
  'DUPLICATE',
] as const;
export type FileState = (typeof fileStates)[number];

/** What the ledger knows of one revision of a file. */
export interface FileRecord {
  readonly fileId: string;
  readonly source: string;
  readonly path: string;
  /** As the source's listing tells it: an ETag, or size and time. */
  readonly version: string;
  /** From 1: another content under the same path is the next one. */
  readonly revision: number;
  readonly bytes: number;
  readonly modifiedAtMs: number;
  readonly sha256: string | null;
  readonly state: FileState;
  /** Listings in a row that showed this version. */
  readonly polls: number;
  readonly attempt: number;
  /** Grows with each claim: what an older claim still does is refused. */
  readonly epoch: number;
  readonly runId: string | null;
  readonly batchId: string | null;
  readonly duplicateOf: string | null;
  readonly recordsExpected: number | null;
  readonly recordsRead: number | null;
  readonly recordsOk: number | null;
  readonly recordsRejected: number | null;
  readonly errorCode: string | null;
  readonly errorDetail: string | null;
  /** Content that a person accepted whatever its quality. */
  readonly acceptedSha256: string | null;
  /** Transactional id under which its first attempt may have published records of it beside those of others. */
  readonly sharedProducer: string | null;
  readonly foundAtMs: number;
  readonly changedAtMs: number;
}
