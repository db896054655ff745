/** Sequence numbers of an idempotent producer, per partition: the broker refuses gaps and recognises repeats by them. */
export interface SequenceBook {
  current(topic: string, partition: number): number;
  advance(topic: string, partition: number, records: number): void;
}

/** After 2³¹ − 1 comes 0, as the protocol has it. (kafkajs goes to 0 as soon as the sum reaches the end, losing the rest.) */
const modulus = 2 ** 31;

export function createSequenceBook(start = 0): SequenceBook {
  const sequences = new Map<string, number>();
  const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;
  return {
    current: (topic, partition) => sequences.get(placeOf(topic, partition)) ?? start,
    advance(topic, partition, records) {
      const place = placeOf(topic, partition);
      sequences.set(place, ((sequences.get(place) ?? start) + records) % modulus);
    },
  };
}
