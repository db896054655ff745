// V8 keeps arrays of doubles, of small integers and of mixed values apart, and code that meets several of these kinds is
// slow. All arrays of the hot path are made here, so that they are of one kind whatever numbers they hold.

const made: number[][] = [];

/** `length` zeros. */
export function zeroDoubles(length: number): number[] {
  let zeros = made[length];
  if (zeros === undefined) {
    zeros = [];
    // Filled one by one: `fill` would make it an array of mixed values, in which every number written is an object of its own.
    for (let index = 0; index < length; index++) zeros.push(0.5);
    for (let index = 0; index < length; index++) zeros[index] = 0;
    made[length] = zeros;
  }
  return zeros.slice();
}

/** A copy of the numbers. */
export function doublesOf(numbers: readonly number[]): number[] {
  const copy = zeroDoubles(numbers.length);
  for (let index = 0; index < numbers.length; index++) copy[index] = numbers[index] as number;
  return copy;
}
