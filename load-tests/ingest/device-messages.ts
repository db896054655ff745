import { topics } from '@vigil/contracts';
import { partitionOf, type ProducedRecord } from '@vigil/kafka';
import { createWard } from '@vigil/testing';

export interface DeviceMessages {
  readonly records: number;
  readonly patients: number;
  readonly partitions: number;
  /** Event time of the first; by default so that the last is of now. */
  readonly startMs?: number;
}

const topic = topics.vitalsReadingReceived.name;

/** Device messages as JSON: a ward with its usual share of repeats, rubbish and gaps. */
export function* deviceMessages({ records, patients, partitions, startMs }: DeviceMessages): Generator<ProducedRecord> {
  const ward = createWard({ seed: 1, patients, name: 'BENCH' });
  const firstMs = startMs ?? Date.now() - Math.ceil(records / patients) * 1000;
  for (let count = 0, round = 0; count < records; round++) {
    for (const { key, value } of ward.round(firstMs + round * 1000)) {
      if (count++ === records) return;
      const bytes = Buffer.from(key);
      yield { topic, partition: partitionOf(bytes, partitions), key: bytes, value, headers: [], timestamp: null };
    }
  }
}
