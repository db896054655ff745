/** A topic of two partitions and the group that reads it. Delivery is at least once: what is sent may stand there twice. */
export interface SimLog<Message> {
  readonly partitions: readonly Message[][];
  readonly committed: number[];
  readonly owners: (string | null)[];
  /** Grows whenever a partition is given to somebody: what was read or begun under an earlier one does not count. */
  readonly generations: number[];
  send(key: string, message: Message): void;
}

const partitionOf = (key: string, count: number): number => Buffer.from(key).reduce((sum, byte) => sum + byte, 0) % count;

/** @param isRepeated  whether the sender, not having seen the acknowledgement, sends once more */
export function createLog<Message>(isRepeated: () => boolean): SimLog<Message> {
  const partitions: Message[][] = [[], []];
  return {
    partitions,
    committed: [0, 0],
    owners: [null, null],
    generations: [0, 0],
    send(key, message) {
      const partition = partitions[partitionOf(key, partitions.length)];
      partition?.push(message);
      if (isRepeated()) partition?.push(message);
    },
  };
}
