import type { Day } from '../domain/claim-world.ts';

const nothing: readonly string[] = Object.freeze([]);
/** Above so many a list is searched longer than a set. */
const mostListed = 8;

type Keys = string | string[] | Set<string>;

/** Most days have one claim: its key stands alone. */
function withKey(keys: Keys | undefined, key: string): Keys {
  if (keys === undefined || keys === key) return key;
  if (typeof keys === 'string') return [keys, key];
  if (keys instanceof Set) return keys.add(key);
  if (keys.includes(key)) return keys;
  return keys.length < mostListed ? [...keys, key] : new Set([...keys, key]);
}

/** What is left, undefined = nothing. */
function withoutKey(keys: Keys, key: string): Keys | undefined {
  if (typeof keys === 'string') return keys === key ? undefined : keys;
  if (keys instanceof Set) {
    keys.delete(key);
    return keys.size > mostListed ? keys : listOf([...keys]);
  }
  return listOf(keys.filter((other) => other !== key));
}

const listOf = (keys: string[]): Keys => (keys.length === 1 ? (keys[0] as string) : keys);

/** Which claims may hold services of a member on a day. Nobody's services are not told apart: without a member there is nothing. */
export class ServiceIndex {
  readonly #keys = new Map<string, Keys>();

  /** In the order of the keys, so that it does not matter in which order they came, or come again after a restart. */
  keysOf(memberToken: string, day: Day): readonly string[] {
    const found = this.#keys.get(placeOf(memberToken, day));
    if (found === undefined) return nothing;
    return typeof found === 'string' ? [found] : [...found].toSorted();
  }

  add(memberToken: string, day: Day, key: string): void {
    if (memberToken === '') return;
    const place = placeOf(memberToken, day);
    this.#keys.set(place, withKey(this.#keys.get(place), key));
  }

  remove(memberToken: string, day: Day, key: string): void {
    const place = placeOf(memberToken, day);
    const found = this.#keys.get(place);
    if (found === undefined) return;
    const left = withoutKey(found, key);
    if (left === undefined) this.#keys.delete(place);
    else this.#keys.set(place, left);
  }

  clear(): void {
    this.#keys.clear();
  }

  /** Places with a claim. */
  get size(): number {
    return this.#keys.size;
  }
}

const placeOf = (memberToken: string, day: Day): string => `${memberToken}|${day}`;
