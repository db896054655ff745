/**
 * Remembers what `create` gave for about `capacity` keys, least recently used forgotten first.
 *
 * Two generations instead of a linked list: when the young one is full it becomes the old one, and what is still used
 * moves back. A look-up costs one or two map reads, and never more than `capacity` values are held.
 */
export function createBoundedCache<Value extends object | string>(
  capacity: number,
  create: (key: string) => Value,
): (key: string) => Value {
  const generation = Math.max(1, Math.floor(capacity / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (key) => {
    const found = young.get(key);
    if (found !== undefined) return found;
    const value = old.get(key) ?? create(key);
    if (young.size >= generation) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  };
}
