import { readWireId } from '@vigil/contracts';
import type { FetchedRecord } from '../ports/kafka-client.ts';

/** First byte of the registry's wire format. */
export const wireMagic = 0;

/** Of a record, without a view of its value where that can be spared. */
export const schemaIdOfRecord = (record: FetchedRecord): number | null =>
  record.readValue === undefined ? schemaIdOf(record.value) : record.readValue(readWireId);

/** The schema id of a value in wire format; null where it is not in that format or absent. */
export const schemaIdOf = (value: Buffer | null): number | null => (value === null ? null : readWireId(value));
