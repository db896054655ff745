import { schemas, type KnownClaim } from '@vigil/contracts';
import { packedStore, type KeyedView, type StateStore, type StoreSpec } from '@vigil/kafka';
import type { Day, KnownService } from '../domain/claim-world.ts';
import { dayOfInstant } from './day-of-instant.ts';
import { daysOf, entriesOf, servicesOf, type IndexEntry } from './claim-services.ts';
import { DecisionKeys, isToldOf } from './decision-keys.ts';
import { ServiceIndex } from './service-index.ts';

/**
 * Days for which a decision can be taken back and its services are remembered. A claim is filed within a year of its service
 * and payers reopen a decision within a year of it (42 CFR 405.980(b)(1)): each needs 366 days, and a correction of a late
 * claim may need both.
 */
export const keptDays: Day = 731;
/** Forgotten with each claim that comes: the book shrinks faster than it grows. */
const forgottenAtOnce = 2;

/** What stands under the claim ids of a task. */
export interface ClaimBook {
  /** Undefined = never seen, or decided more than `keptDays` before `today`. */
  get(key: string, today: Day): KnownClaim | undefined;
  put(key: string, claim: KnownClaim, today: Day): void;
  /** Under which key a decision was told of; undefined = it is not known, or too old. */
  keyOfDecision(decisionId: string, today: Day): string | undefined;
  /** Services of a member on a day that standing decisions of the last `keptDays` decided. */
  services(memberToken: string, day: Day, today: Day): readonly KnownService[];
}

const decidedOn = ({ decision }: KnownClaim): Day => dayOfInstant(decision.decidedAt);
const isKept = (claim: KnownClaim, today: Day): boolean => claim.status === 'waiting' || today - decidedOn(claim) <= keptDays;

interface OldClaim {
  readonly key: string;
  readonly day: Day;
}

class ClaimBookStore implements StateStore<ClaimBook>, ClaimBook {
  readonly view: ClaimBook = this;
  readonly #rows: StateStore<KeyedView<KnownClaim>>;
  readonly #index = new ServiceIndex();
  readonly #decisions = new DecisionKeys();
  /** Entries whose claims were changed in the open batch: it depends on its end whether they go. */
  #doubtful: IndexEntry[] = [];
  /** Too old by their decision, but they wait: whoever forgets passes them by. */
  readonly #waiting = new Set<string>();
  /** Walks along the claims in the order in which they were committed; null = it begins anew. */
  #walk: IterableIterator<string> | null = null;
  /** The oldest claim and its day, so that it is not decoded again with every claim. */
  #oldest: OldClaim | null = null;

  constructor(rows: StateStore<KeyedView<KnownClaim>>) {
    this.#rows = rows;
  }

  get(key: string, today: Day): KnownClaim | undefined {
    const claim = this.#rows.view.get(key);
    return claim && isKept(claim, today) ? claim : undefined;
  }

  put(key: string, claim: KnownClaim, today: Day): void {
    this.#doubt(key);
    this.#rows.view.put(key, claim);
    this.#note(key, claim);
    this.#waiting.delete(key);
    this.#forget(today);
  }

  keyOfDecision(decisionId: string, today: Day): string | undefined {
    const key = this.#decisions.keyOf(decisionId);
    const claim = key === undefined ? undefined : this.get(key, today);
    return claim && isToldOf(decisionId, claim) ? key : undefined;
  }

  services(memberToken: string, day: Day, today: Day): readonly KnownService[] {
    return this.#index.keysOf(memberToken, day).flatMap((key) => {
      const claim = this.get(key, today);
      return claim?.status === 'decided' && claim.decision.memberToken === memberToken ? servicesOf(claim, day) : [];
    });
  }

  restore(key: string, value: object | null): void {
    this.#doubt(key);
    this.#rows.restore(key, value);
    if (value !== null) this.#note(key, value as KnownClaim);
    this.#settle();
  }

  changes = () => this.#rows.changes();
  changeCount = () => this.#rows.changeCount();
  changedBytes = () => this.#rows.changedBytes();

  merge(): void {
    this.#rows.merge();
    this.#settle();
    // Behind the committed claims the walk goes on to those of the open batch, which are committed now.
    this.#beginAnew();
  }

  rollback(): void {
    for (const { key } of this.#rows.changes()) this.#doubt(key);
    this.#rows.rollback();
    this.#settle();
    this.#beginAnew();
  }

  clear(): void {
    this.#rows.clear();
    this.#index.clear();
    this.#doubtful = [];
    this.#decisions.clear();
    this.#waiting.clear();
    this.#beginAnew();
  }

  #note(key: string, claim: KnownClaim): void {
    if (claim.status === 'decided') for (const day of daysOf(claim)) this.#index.add(claim.decision.memberToken, day, key);
    this.#decisions.note(key, claim);
  }

  /** The claim under that key is about to be another, or none. */
  #doubt(key: string): void {
    const claim = this.#rows.view.get(key);
    if (claim === undefined) return;
    this.#doubtful.push(...entriesOf(key, claim));
    this.#decisions.doubt(key, claim);
  }

  /** The batch is over: of what is doubtful that goes which no claim stands for any more. */
  #settle(): void {
    for (const { memberToken, day, key } of this.#doubtful) {
      const claim = this.#rows.view.get(key);
      const holds = entriesOf(key, claim).some((entry) => entry.memberToken === memberToken && entry.day === day);
      if (!holds) this.#index.remove(memberToken, day, key);
    }
    this.#doubtful = [];
    this.#decisions.settle((key) => this.#rows.view.get(key));
  }

  #beginAnew(): void {
    this.#walk = null;
    this.#oldest = null;
  }

  #forget(today: Day): void {
    for (let count = 0; count < forgottenAtOnce; count++) {
      const oldest = (this.#oldest ??= this.#findOldest());
      if (!oldest || today - oldest.day <= keptDays) return;
      this.#oldest = null;
      this.#forgetOne(oldest.key, today);
    }
  }

  #forgetOne(key: string, today: Day): void {
    const claim = this.#rows.view.get(key) as KnownClaim;
    if (claim.status === 'waiting') this.#waiting.add(key);
    // It may have been decided anew in this batch: then it goes to the end of the line with it.
    if (isKept(claim, today)) return;
    this.#doubt(key);
    this.#rows.view.delete(key);
  }

  #findOldest(): OldClaim | null {
    const walk = (this.#walk ??= this.#rows.view.keys());
    let { value: key } = walk.next();
    while (key !== undefined && this.#waiting.has(key)) ({ value: key } = walk.next());
    return key === undefined ? null : { key, day: decidedOn(this.#rows.view.get(key) as KnownClaim) };
  }
}

const rows = packedStore<KnownClaim>(schemas.knownClaim);

/** The book of claims of adjudication. */
export const claimBookStore: StoreSpec<ClaimBook> = { ...rows, open: () => new ClaimBookStore(rows.open()) };
