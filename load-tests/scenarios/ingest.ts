import { topics } from '@vigil/contracts';
import { partitionOf, type ProducedRecord } from '@vigil/kafka';
import { createWard } from '@vigil/testing';
import type { Round } from '../bench-report.ts';
import { measureDrain } from '../measure/measure-drain.ts';
import { preload } from './preload.ts';

const patients = 2_000;
const partitions = 4;
const topic = topics.vitalsReadingReceived.name;

/** Device messages as JSON: a ward with its usual share of repeats, rubbish and gaps. */
function* deviceMessages(records: number): Generator<ProducedRecord> {
  const ward = createWard({ seed: 1, patients, name: 'BENCH' });
  const startMs = Date.now() - Math.ceil(records / patients) * 1000;
  for (let count = 0, round = 0; count < records; round++) {
    for (const { key, value } of ward.round(startMs + round * 1000)) {
      if (count++ === records) return;
      const bytes = Buffer.from(key);
      yield { topic, partition: partitionOf(bytes, partitions), key: bytes, value, headers: [], timestamp: null };
    }
  }
}

/** Drain rate of device-ingest: validation, units, plausibility, dedupe, tokens, ledger, quarantine, exactly once. */
export const benchIngest = (records: number): Promise<Round> =>
  measureDrain({ service: 'device-ingest', topic, preload: ({ client }) => preload(client, deviceMessages(records)) });
