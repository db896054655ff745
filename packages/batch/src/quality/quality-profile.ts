import type { Mapped } from '../job/batch-job.ts';
import { DistinctCounter } from './distinct-counter.ts';
import { scoreOf, shareOf, type Score } from './quality-score.ts';

/** What is looked at of the items of a source. */
export interface QualityPlan<Item> {
  readonly columns: readonly { readonly name: string; readonly required: boolean; readonly valueOf: (item: Item) => unknown }[];
  /** What makes two items the same; null = not told. Never stored. */
  readonly keyOf: (item: Item, mapped: Mapped) => string | null;
  /** Whether the values of an item agree with each other. */
  readonly isConsistent: (item: Item) => boolean;
  /** When the thing happened that the item tells of; null = not told, which is no lateness. */
  readonly happenedAtMs: (item: Item, mapped: Mapped) => number | null;
  /** An item about something longer ago came late. */
  readonly timelyMs: number;
}

interface ColumnCounts {
  present: number;
  invalid: number;
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && (typeof value !== 'string' || value.trim() !== '');

/**
 * Judges items as they are mapped, in constant memory whatever their number. A column is invalid where the mapper rejected
 * the item for it; what is not there is incomplete, not invalid as well.
 */
export class QualityProfile<Item> {
  readonly #plan: QualityPlan<Item>;
  readonly #asOfMs: number;
  readonly #keys = new DistinctCounter();
  readonly #counts: ColumnCounts[];
  #records = 0;
  #rejected = 0;
  #inconsistent = 0;
  #late = 0;

  /** @param asOfMs  when the source was there to be read: what lateness is counted from */
  constructor(plan: QualityPlan<Item>, asOfMs: number) {
    this.#plan = plan;
    this.#asOfMs = asOfMs;
    this.#counts = plan.columns.map(() => ({ present: 0, invalid: 0 }));
  }

  observe(item: Item, mapped: Mapped): void {
    const { columns, keyOf, isConsistent, happenedAtMs, timelyMs } = this.#plan;
    this.#records++;
    let isMissing = false;
    for (const [at, { name, required, valueOf }] of columns.entries()) {
      const counts = this.#counts[at] as ColumnCounts;
      const present = isPresent(valueOf(item));
      if (present) counts.present++;
      else if (required) isMissing = true;
      if (present && mapped.kind === 'rejected' && mapped.field === name) counts.invalid++;
    }
    if (mapped.kind === 'rejected' && !isMissing) this.#rejected++;
    const key = keyOf(item, mapped);
    if (key !== null) this.#keys.add(key);
    if (!isConsistent(item)) this.#inconsistent++;
    const at = happenedAtMs(item, mapped);
    if (at !== null && this.#asOfMs - at > timelyMs) this.#late++;
  }

  /** Counts by column, as lineage tells them. */
  metrics(): { readonly rows: number; readonly columns: Readonly<Record<string, { readonly nullCount: number; readonly count: number }>> } {
    const columns = this.#plan.columns.map(({ name }, at) => {
      const { present } = this.#counts[at] as ColumnCounts;
      return [name, { nullCount: this.#records - present, count: present }] as const;
    });
    return { rows: this.#records, columns: Object.fromEntries(columns) };
  }

  /** The whole first, then its columns. */
  scores(): readonly Score[] {
    const records = this.#records;
    const columns = this.#plan.columns.map(({ name, required }, at) => {
      const { present, invalid } = this.#counts[at] as ColumnCounts;
      return scoreOf(name, records, {
        completeness: required ? shareOf(present, records) : 1,
        validity: shareOf(present - invalid, present),
        uniqueness: 1,
        consistency: 1,
        timeliness: 1,
      });
    });
    const required = this.#plan.columns.flatMap((column, at) => (column.required ? [(this.#counts[at] as ColumnCounts).present] : []));
    const whole = scoreOf('', records, {
      completeness: shareOf(
        required.reduce((sum, present) => sum + present, 0),
        required.length * records,
      ),
      validity: shareOf(records - this.#rejected, records),
      uniqueness: shareOf(this.#keys.distinct, this.#keys.added),
      consistency: shareOf(records - this.#inconsistent, records),
      timeliness: shareOf(records - this.#late, records),
    });
    return [whole, ...columns];
  }
}
