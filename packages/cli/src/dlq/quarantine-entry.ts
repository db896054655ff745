import { headerNames, originFromHeaders, textHeader, type FetchedRecord, type RecordOrigin } from '@vigil/kafka';

/** A record in quarantine, without its bytes. */
export interface QuarantineEntry {
  readonly partition: number;
  readonly offset: number;
  /** When it was quarantined, milliseconds since the epoch. */
  readonly timestamp: number;
  readonly code: string | null;
  readonly stage: string | null;
  /** How often the record was quarantined, this time included. */
  readonly attempt: number;
  /** Null where the headers do not tell: such a record has no way back. */
  readonly origin: RecordOrigin | null;
}

export function entryOf(partition: number, record: FetchedRecord): QuarantineEntry {
  const headers = record.headers();
  return {
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
    code: textHeader(headers, headerNames.errorCode),
    stage: textHeader(headers, headerNames.errorStage),
    attempt: Number(textHeader(headers, headerNames.attempt) ?? 1),
    origin: originFromHeaders(headers),
  };
}
