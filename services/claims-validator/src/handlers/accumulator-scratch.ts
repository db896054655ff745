import type { Contribution, OwnedPots, Pot } from '@vigil/contracts';
import type { KeyedView } from '@vigil/kafka';
import { dateOf } from '../domain/calendar.ts';
import type { AccumulatorBook, AccumulatorKey, Day } from '../domain/claim-world.ts';
import type { Mutable } from '../state/claim-stores.ts';

/** Plan years before the present one for which limits are counted; `mostFilingDays` of a plan depends on it. */
const keptPlanYears = 4;

// Not frozen: V8 makes an object for each step through an array that is.
const noPots: readonly Pot[] = [];

type Change = Mutable<Contribution>;
type PotName = Omit<AccumulatorKey, 'owner' | 'network'> & { readonly network: string };

const isPot = (a: PotName, b: PotName): boolean =>
  a.pot === b.pot && a.planYear === b.planYear && a.planId === b.planId && a.network === b.network;

const copyOf = ({ planId, planYear, network, pot, amount }: Pot): Mutable<Pot> => ({ planId, planYear, network, pot, amount });

function potIn<Of extends Pot>(pots: readonly Of[], key: PotName): Of | undefined {
  for (const pot of pots) if (isPot(pot, key)) return pot;
  return undefined;
}

function addTo(changes: Change[], key: AccumulatorKey | Contribution, amount: number): void {
  const { owner, planId, planYear, network, pot } = key;
  for (const change of changes) {
    if (change.owner !== owner || !isPot(change, key)) continue;
    change.amount += amount;
    return;
  }
  changes.push({ owner, planId, planYear, network, pot, amount });
}

function amountIn(changes: readonly Change[], key: AccumulatorKey): number {
  let amount = 0;
  for (const change of changes) if (change.owner === key.owner && isPot(change, key)) amount += change.amount;
  return amount;
}

interface OwnersPots {
  readonly owner: string;
  readonly pots: readonly Pot[];
}

/**
 * The accumulators as one claim sees and changes them: what it takes back and what it adds lie beside the store until the
 * claim is decided. A claim that is pended leaves no trace.
 */
export class AccumulatorScratch implements AccumulatorBook {
  readonly #store: KeyedView<Mutable<OwnedPots>>;
  /** Of a member and its policy, and seldom of anybody else. */
  readonly #rows: OwnersPots[] = [];
  readonly #added: Change[] = [];
  readonly #takenBack: Change[] = [];

  constructor(store: KeyedView<Mutable<OwnedPots>>) {
    this.#store = store;
  }

  of(key: AccumulatorKey): number {
    const counted = potIn(this.#potsOf(key.owner), key)?.amount ?? 0;
    return counted + amountIn(this.#added, key) + amountIn(this.#takenBack, key);
  }

  add(key: AccumulatorKey, amount: number): void {
    addTo(this.#added, key, amount);
  }

  takeBack(contributions: readonly Contribution[]): void {
    for (const contribution of contributions) addTo(this.#takenBack, contribution, -contribution.amount);
  }

  /** What the claim itself added: what has to be taken back with it. */
  contributions(): readonly Contribution[] {
    return this.#added.filter(({ amount }) => amount !== 0);
  }

  /** Writes it all down; pots that are empty or too old to be asked for are dropped. */
  apply(today: Day): void {
    const oldestYear = dateOf(today).year - keptPlanYears;
    const changes = this.#takenBack.length === 0 ? this.#added : [...this.#takenBack, ...this.#added];
    const written: string[] = [];
    for (const { owner } of changes) {
      if (written.includes(owner)) continue;
      written.push(owner);
      this.#write(owner, changes, oldestYear);
    }
  }

  #write(owner: string, changes: readonly Change[], oldestYear: number): void {
    const pots: Mutable<Pot>[] = [];
    for (const pot of this.#potsOf(owner)) pots.push(copyOf(pot));
    for (const change of changes) {
      if (change.owner !== owner) continue;
      const known = potIn(pots, change);
      if (known) known.amount += change.amount;
      else pots.push(copyOf(change));
    }
    let kept = 0;
    for (const pot of pots) if (pot.amount !== 0 && (pot.planYear === 0 || pot.planYear >= oldestYear)) pots[kept++] = pot;
    pots.length = kept;
    if (kept === 0) this.#store.delete(owner);
    else this.#store.put(owner, { pots });
  }

  /** Decoded once a claim. */
  #potsOf(owner: string): readonly Pot[] {
    for (const row of this.#rows) if (row.owner === owner) return row.pots;
    const pots = this.#store.get(owner)?.pots ?? noPots;
    this.#rows.push({ owner, pots });
    return pots;
  }
}
