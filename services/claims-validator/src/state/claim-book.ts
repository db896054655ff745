import { schemas, type KnownClaim } from '@vigil/contracts';
import { packedStore, type KeyedView, type StateStore, type StoreSpec } from '@vigil/kafka';
import type { Day, KnownService } from '../domain/claim-world.ts';
import { dayOfInstant } from './day-of-instant.ts';
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

const daysOf = ({ decision }: KnownClaim): ReadonlySet<Day> =>
  new Set(decision.lines.map(({ serviceFrom }) => serviceFrom ?? decision.serviceFrom).filter((day) => day !== null));

const decisionsOf = ({ decision, earlierDecisions }: KnownClaim): readonly string[] => [decision.decisionId, ...earlierDecisions];

function servicesOf({ decision, rendering }: KnownClaim, day: Day): readonly KnownService[] {
  const { claimId, scope, submissionId, providerId } = decision;
  return decision.lines.flatMap((of, index) => {
    if ((of.serviceFrom ?? decision.serviceFrom) !== day) return [];
    const { line, procedureCode, revenueCode, modifiers, unitsThousandths, chargeCents, paidCents, denied } = of;
    const renderingProviderId = rendering[index] ?? '';
    const service = { claimId, scope, submissionId, line, providerId, renderingProviderId, procedureCode, revenueCode, modifiers };
    return [{ ...service, serviceFrom: day, unitsThousandths, chargeCents, paidCents, denied }];
  });
}

interface OldClaim {
  readonly key: string;
  readonly day: Day;
}

class ClaimBookStore implements StateStore<ClaimBook>, ClaimBook {
  readonly view: ClaimBook = this;
  readonly #rows: StateStore<KeyedView<KnownClaim>>;
  readonly #index = new ServiceIndex();
  /** Keys by decision. Part of the book, not a store: it is made again of what is restored. */
  readonly #decisions = new Map<string, string>();
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
    this.#rows.view.put(key, claim);
    this.#note(key, claim);
    this.#forget(today);
  }

  keyOfDecision(decisionId: string, today: Day): string | undefined {
    const key = this.#decisions.get(decisionId);
    const claim = key === undefined ? undefined : this.get(key, today);
    return claim && decisionsOf(claim).includes(decisionId) ? key : undefined;
  }

  services(memberToken: string, day: Day, today: Day): readonly KnownService[] {
    return this.#index.keysOf(memberToken, day).flatMap((key) => {
      const claim = this.get(key, today);
      return claim?.status === 'decided' && claim.decision.memberToken === memberToken ? servicesOf(claim, day) : [];
    });
  }

  restore(key: string, value: object | null): void {
    const gone = value === null ? this.#rows.view.get(key) : undefined;
    if (gone) this.#unnote(key, gone);
    this.#rows.restore(key, value);
    if (value !== null) this.#note(key, value as KnownClaim);
  }

  changes = () => this.#rows.changes();

  merge(): void {
    this.#rows.merge();
    // Behind the committed claims the walk goes on to those of the open batch, which are committed now.
    this.#beginAnew();
  }

  rollback(): void {
    this.#rows.rollback();
    // What the index holds of claims that were never committed leads nowhere and is looked past.
    this.#beginAnew();
  }

  clear(): void {
    this.#rows.clear();
    this.#index.clear();
    this.#decisions.clear();
    this.#beginAnew();
  }

  #note(key: string, claim: KnownClaim): void {
    if (claim.status === 'decided') for (const day of daysOf(claim)) this.#index.add(claim.decision.memberToken, day, key);
    // Nobody was told of what only waits; what was told before has been noted.
    if (claim.status !== 'waiting') this.#decisions.set(claim.decision.decisionId, key);
    for (const decisionId of claim.earlierDecisions) if (!this.#decisions.has(decisionId)) this.#decisions.set(decisionId, key);
  }

  #unnote(key: string, claim: KnownClaim): void {
    for (const day of daysOf(claim)) this.#index.remove(claim.decision.memberToken, day, key);
    for (const decisionId of decisionsOf(claim)) if (this.#decisions.get(decisionId) === key) this.#decisions.delete(decisionId);
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
    if (isKept(claim, today)) {
      // It waits, or was decided anew in this batch: it goes to the end of the line.
      this.#rows.view.put(key, claim);
      return;
    }
    this.#unnote(key, claim);
    this.#rows.view.delete(key);
  }

  #findOldest(): OldClaim | null {
    const { value: key } = (this.#walk ??= this.#rows.view.keys()).next();
    return key === undefined ? null : { key, day: decidedOn(this.#rows.view.get(key) as KnownClaim) };
  }
}

const rows = packedStore<KnownClaim>(schemas.knownClaim);

/** The book of claims of adjudication. */
export const claimBookStore: StoreSpec<ClaimBook> = { ...rows, open: () => new ClaimBookStore(rows.open()) };
