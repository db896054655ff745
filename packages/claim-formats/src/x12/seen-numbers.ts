/** Control numbers that came before: mostly one more each time, which takes one range. */
export interface SeenNumbers {
  /** Whether it is new. */
  add(number: string): boolean;
}

export function createSeenNumbers(): SeenNumbers {
  let first = 0;
  let next = -1;
  const others = new Set<string>();
  return {
    add(text) {
      const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
      if (number >= 0 && next >= 0 && number >= first && number < next) return false;
      const key = number >= 0 ? String(number) : text;
      if (others.has(key)) return false;
      if (number >= 0 && next < 0) {
        first = number;
        next = number + 1;
      } else if (number >= 0 && number === next) next++;
      else others.add(key);
      return true;
    },
  };
}
