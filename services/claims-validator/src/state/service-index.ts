import type { Day } from '../domain/claim-world.ts';

const nothing: readonly string[] = Object.freeze([]);

/** Which claims may hold services of a member on a day. Most days have one claim: its key stands alone. */
export class ServiceIndex {
  readonly #keys = new Map<string, string | string[]>();

  keysOf(memberToken: string, day: Day): readonly string[] {
    const found = this.#keys.get(placeOf(memberToken, day));
    if (found === undefined) return nothing;
    return typeof found === 'string' ? [found] : found;
  }

  add(memberToken: string, day: Day, key: string): void {
    const place = placeOf(memberToken, day);
    const found = this.#keys.get(place);
    if (found === undefined) this.#keys.set(place, key);
    else if (typeof found === 'string') {
      if (found !== key) this.#keys.set(place, [found, key]);
    } else if (!found.includes(key)) found.push(key);
  }

  remove(memberToken: string, day: Day, key: string): void {
    const place = placeOf(memberToken, day);
    const left = this.keysOf(memberToken, day).filter((other) => other !== key);
    if (left.length === 0) this.#keys.delete(place);
    else this.#keys.set(place, left);
  }

  clear(): void {
    this.#keys.clear();
  }
}

const placeOf = (memberToken: string, day: Day): string => `${memberToken}|${day}`;
