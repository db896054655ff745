import type { FetchedRecord, ProducedRecord } from '../ports/kafka-client.ts';

/** A transaction as the logs see it. */
export interface LogTransaction {
  state: 'open' | 'committed' | 'aborted';
}

interface LogEntry {
  readonly offset: number;
  /** Null = a control marker. */
  readonly record: FetchedRecord | null;
  readonly transaction: LogTransaction | null;
}

export interface LogRead {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: number;
}

export interface MemoryLog {
  readonly startOffset: number;
  readonly highWatermark: number;
  /** First offset of the oldest open transaction, else the high watermark. */
  readonly stableOffset: number;
  append(record: ProducedRecord, timestamp: number, transaction: LogTransaction | null): number;
  /** Ends a transaction here: its marker takes an offset. */
  mark(transaction: LogTransaction): void;
  /** read_committed: skips markers and aborted records, stops at the last stable offset. */
  read(position: number, maxRecords: number): LogRead;
  deleteBefore(offset: number): void;
  /** Keeps the last record of each key among what is stable, and leaves gaps as Kafka does. */
  compact(): void;
}

const toFetched = ({ key, value, headers }: ProducedRecord, offset: number, timestamp: number): FetchedRecord => ({
  offset,
  timestamp,
  key,
  value,
  headers: () => headers,
});

const firstAt = (entries: readonly LogEntry[], offset: number): number => {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as LogEntry).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** One partition. */
export function createMemoryLog(): MemoryLog {
  let entries: LogEntry[] = [];
  let startOffset = 0;
  let nextOffset = 0;
  const openSince = new Map<LogTransaction, number>();
  const stable = (): number => Math.min(nextOffset, ...openSince.values());
  const push = (record: FetchedRecord | null, transaction: LogTransaction | null): number => {
    entries.push({ offset: nextOffset, record, transaction });
    return nextOffset++;
  };
  return {
    get startOffset() {
      return startOffset;
    },
    get highWatermark() {
      return nextOffset;
    },
    get stableOffset() {
      return stable();
    },
    append(record, timestamp, transaction) {
      if (transaction && !openSince.has(transaction)) openSince.set(transaction, nextOffset);
      return push(toFetched(record, nextOffset, timestamp), transaction);
    },
    mark(transaction) {
      if (openSince.delete(transaction)) push(null, null);
    },
    read(position, maxRecords) {
      const limit = stable();
      const records: FetchedRecord[] = [];
      let next = position;
      for (let at = firstAt(entries, position); at < entries.length && records.length < maxRecords; at++) {
        const entry = entries[at] as LogEntry;
        if (entry.offset >= limit) break;
        next = entry.offset + 1;
        if (entry.record && entry.transaction?.state !== 'aborted') records.push(entry.record);
      }
      return { records, nextOffset: records.length < maxRecords ? Math.max(next, Math.min(limit, nextOffset)) : next };
    },
    deleteBefore(offset) {
      startOffset = Math.max(startOffset, Math.min(offset, nextOffset));
      entries = entries.filter((entry) => entry.offset >= startOffset);
    },
    compact() {
      const limit = stable();
      const last = new Map<string, number>();
      for (const { record, offset, transaction } of entries) {
        if (record?.key && offset < limit && transaction?.state !== 'aborted') last.set(record.key.toString('hex'), offset);
      }
      entries = entries.filter(({ record, offset }) => offset >= limit || !record?.key || last.get(record.key.toString('hex')) === offset);
    },
  };
}
