import type { EncodedRow } from '@vigil/contracts';
import type { ProducedRecord, RecordHeaders } from '../ports/kafka-client.ts';

const noHeaders: RecordHeaders = Object.freeze([]);

/**
 * A record whose key and value lie in something larger. Views of them are made where they are asked for: of the thousands
 * that a commit writes, whoever copies them into a record batch asks for none.
 */
export class LyingRecord implements ProducedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly keyFrom: number;
  readonly keyTo: number;
  /** −1 = the value is null. */
  readonly from: number;
  readonly to: number;
  readonly headers: RecordHeaders;

  constructor(topic: string, partition: number, { bytes, keyFrom, keyTo, from, to }: EncodedRow, headers: RecordHeaders = noHeaders) {
    this.topic = topic;
    this.partition = partition;
    this.headers = headers;
    this.bytes = bytes;
    this.keyFrom = keyFrom;
    this.keyTo = keyTo;
    this.from = from;
    this.to = to;
  }

  get key(): Buffer {
    return this.bytes.subarray(this.keyFrom, this.keyTo);
  }

  get value(): Buffer | null {
    return this.from < 0 ? null : this.bytes.subarray(this.from, this.to);
  }

  /** Of key and value. */
  get size(): number {
    return this.keyTo - this.keyFrom + Math.max(0, this.to - this.from);
  }

  get timestamp(): null {
    return null;
  }
}
