/**
 * The greatest epoch of each part, of the parts that were heard of last: bounded, as a worker lives for months. 100,000 are
 * three minutes of 500 tasks a second, in which the relay repeats what it lost sight of.
 */
export interface KnownEpochs {
  /** Returns whether this epoch is greater than every one noted before. */
  note(part: string, epoch: number): boolean;
  greatest(part: string): number;
  forget(part: string): void;
}

export function createKnownEpochs(mostParts = 100_000): KnownEpochs {
  const epochs = new Map<string, number>();
  const greatest = (part: string): number => epochs.get(part) ?? -1;
  return {
    greatest,
    forget: (part) => void epochs.delete(part),
    note(part, epoch) {
      const known = greatest(part);
      epochs.delete(part);
      epochs.set(part, Math.max(known, epoch));
      if (epochs.size > mostParts) epochs.delete(epochs.keys().next().value as string);
      return epoch > known;
    },
  };
}
