import { identitySubjectOf, topics, type Topic } from '@vigil/contracts';
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
import { writeReviewDecisions, writeReviewRequests } from './write-reviews.ts';

const { vitalsReadingAccepted, identityObserved, reviewRequested, reviewDecided, claimAdjudicated } = topics;

export const operationalSpec: SinkSpec = {
  name: 'warehouse-loader.operational',
  sources: [
    { topic: identityObserved, read: 'decoded' },
    { topic: vitalsReadingAccepted, read: 'decoded' },
    { topic: reviewRequested, read: 'decoded' },
    { topic: reviewDecided, read: 'decoded' },
    { topic: claimAdjudicated, read: 'decoded' },
  ],
};

/** The table with a row per record of a topic: what the ledger counts. */
const tableOfTopic: Readonly<Record<string, string>> = {
  [vitalsReadingAccepted.name]: clinicalReadingTable.table,
  [identityObserved.name]: 'clinical.patient_identity',
  [reviewRequested.name]: 'claims.review',
  [reviewDecided.name]: 'claims.review',
  [claimAdjudicated.name]: decisionTable.table,
};

const keyedRecordsOf = <Value>(batch: SinkBatch, topic: Topic<Value>) =>
  slicesOf(batch, topic).flatMap(({ records }) => records.map(({ key, value }) => ({ key: String(key), value })));

/** Readings, latest vitals, sealed identities, reviews of claims and decisions about them; `cache` follows after the commit, best effort. */
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
        records.map(({ key, value }) => ({ ...identitySubjectOf(String(key)), value })),
      );
      await writeIdentities(transaction, changes);
      await writeReadings(transaction, batch);
      await writeReviewRequests(transaction, keyedRecordsOf(batch, reviewRequested));
      await writeReviewDecisions(transaction, keyedRecordsOf(batch, reviewDecided));
      await writeDecisions(transaction, slicesOf(batch, claimAdjudicated));
      return batch.slices.map(({ of, records }): SliceEffects => ({ outputs: { [tableOfTopic[of.name] as string]: records.length } }));
    },
    onWritten: (batch) => cache?.write(written.get(batch) as readonly StoredLatestVitals[]),
  });
  return { spec: operationalSpec, target };
}
