import type { FetchedRecord, FetchedRecords, RecordPlace } from '../ports/kafka-client.ts';

const nothing = Buffer.alloc(0);

/** A place to be filled by `locateRecord`. */
export const newPlace = (): RecordPlace => ({ offset: 0, timestamp: 0, bytes: nothing, from: -1, to: 0, hasHeaders: false });

/** Tells where a record lies, whether or not it is an object already. */
export function locateRecord(records: FetchedRecords, index: number, into: RecordPlace): void {
  if (records.locate !== undefined) return records.locate(index, into);
  const record = records.at(index) as FetchedRecord;
  const { value } = record;
  into.offset = record.offset;
  into.timestamp = record.timestamp;
  into.bytes = value ?? nothing;
  into.from = value === null ? -1 : 0;
  into.to = into.bytes.length;
  into.hasHeaders = record.headers().length > 0;
}
