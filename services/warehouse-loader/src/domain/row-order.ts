/**
 * The order in which rows are written: by key, ascending; rows of one key keep their order.
 *
 * An index that begins with the key then gets neighbours one after the other, which costs the database less than leaps
 * all over the index. Only for speed: where keys are too large to be sorted with their places, the order stays as it is.
 */
export function orderByKey(keys: ArrayLike<number>): Uint32Array {
  const count = keys.length;
  // A power of two: key and place are packed into one number and taken apart without a rounding.
  const scale = 2 ** Math.ceil(Math.log2(Math.max(1, count)));
  const packed = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    const both = (keys[place] as number) * scale + place;
    if (!Number.isSafeInteger(both)) return Uint32Array.from(packed.keys());
    packed[place] = both;
  }
  packed.sort();
  const order = new Uint32Array(count);
  for (let rank = 0; rank < count; rank++) {
    const both = packed[rank] as number;
    order[rank] = both - Math.floor(both / scale) * scale;
  }
  return order;
}
