import { smallestCell } from './suppress-cells.ts';

/**
 * Number of people as it may stand beside other such numbers: few are told as few, more rounded down to a multiple of the
 * smallest cell. Numbers told exactly give away by their difference what neither gives away: of 25 patients 24 with a claim is
 * one patient without.
 *
 * @param k  the smallest cell where it is larger than the policy's
 */
export function tellPeople(count: number, k: number): string | number {
  const least = Math.max(k, smallestCell);
  if (count === 0) return 0;
  return count < least ? `<${least}` : Math.floor(count / least) * least;
}
