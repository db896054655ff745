import { topics } from '@vigil/contracts';
import { slicesOf, type SinkBatch, type SinkSpec, type SliceEffects } from '@vigil/kafka';
import {
  BinaryRows,
  copyRows,
  createPostgresTarget,
  latestOf,
  upsertLatestVitals,
  type StoredLatestVitals,
  type Transaction,
} from '@vigil/postgres';
import type { Pool } from 'pg';
import { decisionTable } from '../../domain/decision-rows.ts';
import { clinicalReadingTable, writeClinicalReading } from '../../domain/clinical-rows.ts';
import type { RunnableSink } from '../../runnable-sink.ts';
import type { CacheWriter } from './cache-writer.ts';
import { writeDecisions } from './write-decisions.ts';
import { writeIdentities } from './write-identities.ts';

const { vitalsReadingAccepted, identityObserved, claimAdjudicated } = topics;

export const operationalSpec: SinkSpec = {
  name: 'warehouse-loader.operational',
  sources: [
    { topic: identityObserved, read: 'decoded' },
    { topic: vitalsReadingAccepted, read: 'decoded' },
    { topic: claimAdjudicated, read: 'decoded' },
  ],
};

/** The table with a row per record of a topic: what the ledger counts. */
const mainTables: Readonly<Record<string, string>> = {
  [identityObserved.name]: 'clinical.patient_identity',
  [vitalsReadingAccepted.name]: clinicalReadingTable.table,
  [claimAdjudicated.name]: decisionTable.table,
};

/** Readings, latest vitals, sealed identities and decisions about claims; `cache` follows after the commit, best effort. */
export function createOperationalSink(pool: Pool, cache?: CacheWriter): RunnableSink {
  const written = new WeakMap<SinkBatch, readonly StoredLatestVitals[]>();

  const writeReadings = async (transaction: Transaction, batch: SinkBatch): Promise<number> => {
    const slices = slicesOf(batch, vitalsReadingAccepted);
    const rows = new BinaryRows(clinicalReadingTable);
    for (const { topic, partition, records } of slices) {
      for (const { value, offset } of records) {
        rows.begin();
        writeClinicalReading(rows, value, { topic, partition, offset });
      }
    }
    await copyRows(transaction, rows);
    const latest = latestOf(slices.flatMap(({ records }) => records.map(({ value }) => value)));
    written.set(batch, await upsertLatestVitals(transaction, latest.values()));
    return rows.count;
  };

  const target = createPostgresTarget({
    pool,
    sink: operationalSpec.name,
    async writeRows(transaction, batch) {
      const changes = slicesOf(batch, identityObserved).flatMap(({ records }) =>
        records.map(({ key, value }) => ({ patientToken: String(key), value })),
      );
      await writeIdentities(transaction, changes);
      await writeReadings(transaction, batch);
      await writeDecisions(transaction, slicesOf(batch, claimAdjudicated));
      return batch.slices.map(({ of, records }): SliceEffects => ({ outputs: { [mainTables[of.name] as string]: records.length } }));
    },
    onWritten: (batch) => cache?.write(written.get(batch) as readonly StoredLatestVitals[]),
  });
  return { spec: operationalSpec, target };
}
