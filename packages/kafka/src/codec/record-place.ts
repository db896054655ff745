import type { FetchedRecord, FetchedRecords, KeyedPlace, RecordPlace } from '../ports/kafka-client.ts';

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

/** A place to be filled by `locateKeyed`. */
export const newKeyedPlace = (): KeyedPlace => ({ ...newPlace(), keyFrom: -1, keyTo: 0 });

/** The same with the key, which lies in the same bytes. */
export function locateKeyed(records: FetchedRecords, index: number, into: KeyedPlace): void {
  if (records.locateKeyed !== undefined) return records.locateKeyed(index, into);
  const { offset, timestamp, key, value } = records.at(index) as FetchedRecord;
  into.offset = offset;
  into.timestamp = timestamp;
  into.bytes = Buffer.concat([key ?? nothing, value ?? nothing]);
  into.keyFrom = key === null ? -1 : 0;
  into.keyTo = key?.length ?? 0;
  into.from = value === null ? -1 : into.keyTo;
  into.to = into.bytes.length;
}
