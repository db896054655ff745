import { schemas, type RecentMessages } from '@vigil/contracts';
import type { StateStore, StoreChange, StoreSpec } from '@vigil/kafka';
import { EntryLog, secondAt, wordsPerEntry } from './entry-log.ts';
import { RecentHashes } from './recent-hashes.ts';

/** Seconds of ingestion time for which a message is remembered, however old the event it tells of. */
export const rememberedSeconds = 3600;
/** Kept longer than promised: records of one partition may be stamped a little out of order. */
const keptSeconds = rememberedSeconds + 600;

const entryBytes = 20;
/** 640 kB: below the 1 MB that a topic takes. */
const entriesPerRecord = 32_768;

/** What a handler sees of the messages of the last hour. */
export interface RecentMessagesView {
  /**
   * Remembers a message, unless it was taken within the hour before.
   *
   * @param hash  128 bits as four words; copied
   * @param second  ingestion time of the record, seconds since the epoch
   * @returns false when the message is a repeat
   */
  remember(hash: ArrayLike<number>, second: number): boolean;
  /** Tells how far the source is read. Requeued records must not tell: their time runs ahead of a source with backlog. */
  advanceTo(second: number): void;
  /** Messages held, some of them expired. */
  readonly size: number;
}

/** What the open batch adds to the changelog; `newest` is the newest second among its entries. */
interface PlannedRecord extends StoreChange {
  readonly slot: number;
  readonly newest: number;
}

/** Entries as the changelog holds them. */
const entryAt = (entries: Uint32Array, index: number): Uint32Array => entries.subarray(index * wordsPerEntry, (index + 1) * wordsPerEntry);

/**
 * The recent messages of one task.
 *
 * One changelog record per commit, keyed by a slot number. A slot is written again only when all its entries have expired, so
 * the compacted topic holds about as many records as there are commits in an hour, and no tombstone is ever needed.
 */
class RecentMessagesStore implements StateStore<RecentMessagesView>, RecentMessagesView {
  readonly view: RecentMessagesView = this;
  private readonly hashes = new RecentHashes();
  /** How far the source is read: committed, and with the open batch. */
  private committedSecond = 0;
  private openSecond = 0;
  private readonly added = new EntryLog();
  /** Newest second among its entries, by slot, in the order in which the slots were written. */
  private readonly slots = new Map<number, number>();
  private nextSlot = 0;
  private planned: readonly PlannedRecord[] | null = null;

  get size(): number {
    return this.hashes.size;
  }

  private get oldestKept(): number {
    // Of the committed time: what an aborted batch made expire would be missing when the batch is repeated.
    return this.committedSecond - keptSeconds;
  }

  remember(hash: ArrayLike<number>, second: number): boolean {
    const known = this.hashes.secondOf(hash);
    if (known !== 0 && second - known <= rememberedSeconds) return false;
    const stamp = Math.max(1, second);
    this.hashes.set(hash, stamp, this.oldestKept);
    this.added.add(hash, stamp, known);
    this.planned = null;
    return true;
  }

  advanceTo(second: number): void {
    if (second > this.openSecond) this.openSecond = second;
  }

  changes(): readonly StoreChange[] {
    this.planned ??= this.plan();
    return this.planned;
  }

  changeCount(): number {
    return Math.ceil(this.added.count / entriesPerRecord);
  }

  changedBytes(): number {
    return this.added.count * entryBytes;
  }

  private plan(): PlannedRecord[] {
    const records: PlannedRecord[] = [];
    const free = this.freeSlots();
    for (let from = 0; from < this.added.count; from += entriesPerRecord) {
      const entries = this.added.slice(from, from + entriesPerRecord);
      const newest = entries.reduce((greatest, word, at) => (at % wordsPerEntry === secondAt ? Math.max(greatest, word) : greatest), 0);
      const value: RecentMessages = { newestSecond: newest, clockSecond: this.openSecond, entries: Buffer.from(entries.buffer) };
      const slot = free.next().value;
      records.push({ key: String(slot), value, slot, newest });
    }
    return records;
  }

  /** Slots whose entries have all expired, then new ones. */
  private *freeSlots(): Generator<number, never> {
    for (const [slot, newest] of this.slots) {
      if (newest >= this.oldestKept) break;
      yield slot;
    }
    for (let slot = this.nextSlot; ; slot++) yield slot;
  }

  merge(): void {
    for (const { slot, newest } of (this.planned ??= this.plan())) this.useSlot(slot, newest);
    this.committedSecond = this.openSecond;
    this.forgetBatch();
  }

  private useSlot(slot: number, newest: number): void {
    // Out and in again: the map's order is the order of writing.
    this.slots.delete(slot);
    this.slots.set(slot, newest);
    this.nextSlot = Math.max(this.nextSlot, slot + 1);
  }

  rollback(): void {
    this.added.undo((hash, before) => {
      if (before === 0) this.hashes.delete(hash);
      else this.hashes.set(hash, before, this.oldestKept);
    });
    this.openSecond = this.committedSecond;
    this.forgetBatch();
  }

  private forgetBatch(): void {
    this.added.clear();
    this.planned = null;
  }

  restore(key: string, value: object | null): void {
    if (value === null) return;
    const { newestSecond, clockSecond, entries } = value as RecentMessages;
    this.openSecond = Math.max(this.openSecond, clockSecond);
    this.committedSecond = this.openSecond;
    this.useSlot(Number(key), newestSecond);
    // The bytes may lie at any offset of a fetched buffer: words can only be read from an aligned copy.
    const words = new Uint32Array(Uint8Array.from(entries).buffer, 0, (entries.length / entryBytes) * wordsPerEntry);
    for (let index = 0; index < entries.length / entryBytes; index++) this.restoreEntry(entryAt(words, index));
  }

  private restoreEntry(entry: Uint32Array): void {
    const second = entry[secondAt] as number;
    if (second >= this.oldestKept && second > this.hashes.secondOf(entry)) this.hashes.set(entry, second, this.oldestKept);
  }

  clear(): void {
    this.hashes.clear();
    this.slots.clear();
    this.nextSlot = 0;
    this.committedSecond = 0;
    this.openSecond = 0;
    this.forgetBatch();
  }
}

/** The dedupe store of device-ingest. */
export const recentMessagesStore: StoreSpec<RecentMessagesView> = {
  schema: schemas.recentMessages,
  open: () => new RecentMessagesStore(),
};
