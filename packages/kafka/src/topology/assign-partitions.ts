export interface MemberToAssign {
  readonly id: string;
  /** Partition numbers it held before: kept where balance allows, so that state need not be restored elsewhere. */
  readonly owned: readonly number[];
}

/**
 * Gives every partition number to one member, whole tasks at a time: a number stands for that partition of every topic.
 *
 * Balanced within one; what a member held it keeps up to its share. The same input gives the same answer.
 */
export function assignPartitionNumbers(members: readonly MemberToAssign[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const ordered = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const assigned = new Map<string, number[]>(ordered.map(({ id }) => [id, []]));
  if (ordered.length === 0) return assigned;

  const share = Math.floor(partitions / ordered.length);
  let larger = partitions % ordered.length;
  const free = new Set(Array.from({ length: partitions }, (_, number) => number));
  for (const { id, owned } of ordered) {
    const kept = assigned.get(id) as number[];
    for (const number of owned.toSorted((a, b) => a - b)) {
      const limit = larger > 0 ? share + 1 : share;
      if (kept.length < limit && free.delete(number)) kept.push(number);
    }
    if (kept.length > share) larger--;
  }
  for (const number of free) {
    const poorest = ordered
      .map(({ id }) => assigned.get(id) as number[])
      .reduce((least, other) => (other.length < least.length ? other : least));
    poorest.push(number);
  }
  for (const numbers of assigned.values()) numbers.sort((a, b) => a - b);
  return assigned;
}
