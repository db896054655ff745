/**
 * Remembers what `compute` gave for the keys used lately, at most twice `maxEntries` of them.
 *
 * Two generations instead of a list in order of use: a hit costs one look-up, and what is used survives the turn.
 */
export function boundedMemo<Value>(maxEntries: number, compute: (key: string) => Value): (key: string) => Value {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();
  return (key) => {
    const known = recent.get(key);
    if (known !== undefined) return known;
    const value = older.get(key) ?? compute(key);
    if (recent.size >= maxEntries) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, value);
    return value;
  };
}
