import { topics, type Topic } from '@vigil/contracts';
import { slicesOf, type SinkBatch, type SinkSlice, type SinkSpec, type SliceEffects } from '@vigil/kafka';
import { createPostgresTarget, type Transaction } from '@vigil/postgres';
import type { Pool } from 'pg';
import type { PatientChange } from '../../domain/patient-versions.ts';
import type { RunnableSink } from '../../runnable-sink.ts';
import { createClaimDimensions, findOrCreateCodes, type ClaimKeys } from './claim-dimensions.ts';
import { findOrCreateDevices, findOrCreatePatients } from './dimension-keys.ts';
import { CommittedKeys } from './key-cache.ts';
import { writePatientChanges } from './patient-dimension.ts';
import { writeClaims } from './write-claims.ts';
import { areFacts, naturalKeysOf, writeFacts, type FactKeys } from './write-facts.ts';

const {
  deidReadingAccepted,
  deidWindowClosed,
  deidAlertRaised,
  deidPatientChanged,
  deidClaimAdjudicated,
  deidVisitRecorded,
  deidOutcomeRecorded,
} = topics;
const sink = 'warehouse-loader.warehouse';

export const warehouseSpec: SinkSpec = {
  name: sink,
  sources: [
    deidPatientChanged,
    deidReadingAccepted,
    deidWindowClosed,
    deidAlertRaised,
    deidClaimAdjudicated,
    deidVisitRecorded,
    deidOutcomeRecorded,
  ].map((topic: Topic) => ({ topic, read: 'decoded' })),
};

/**
 * The star schema: facts by COPY, dimensions by INSERT … ON CONFLICT with their keys remembered, all in the transaction
 * that moves the positions.
 */
export function createWarehouseSink(pool: Pool): RunnableSink {
  const patients = new CommittedKeys(findOrCreatePatients);
  const devices = new CommittedKeys(findOrCreateDevices);
  const trials = new CommittedKeys(findOrCreateCodes('warehouse.dim_trial', 'trial_key'));
  const claims = createClaimDimensions();
  const found = new WeakMap<SinkBatch, FactKeys & ClaimKeys>();
  let vitals: ReadonlyMap<string, number> | undefined;

  const findKeys = async (transaction: Transaction, batch: SinkBatch, loadId: number): Promise<FactKeys & ClaimKeys> => {
    const natural = naturalKeysOf(batch.slices);
    vitals ??= await readVitals(transaction);
    const keys = {
      patients: await patients.keysOf(transaction, natural.patients, loadId),
      devices: await devices.keysOf(transaction, natural.devices, loadId),
      vitals,
      trials: await trials.keysOf(transaction, natural.trials, loadId),
      ...(await claims.keysOf(transaction, { claims: slicesOf(batch, deidClaimAdjudicated), diagnoses: natural.diagnoses }, loadId)),
    };
    found.set(batch, keys);
    return keys;
  };

  const target = createPostgresTarget({
    pool,
    sink,
    async writeRows(transaction, batch) {
      const loadIds = await insertLoads(transaction, batch);
      const keys = await findKeys(transaction, batch, loadIds[0] ?? 0);
      const effects: SliceEffects[] = [];
      for (const [index, slice] of batch.slices.entries()) {
        const loadId = loadIds[index] ?? 0;
        effects.push({ outputs: await writerOf(slice)(transaction, slice, loadId, keys) });
      }
      return effects;
    },
    onWritten(batch) {
      const keys = found.get(batch) as FactKeys & ClaimKeys;
      claims.commit(keys);
      trials.commit(keys.trials);
      patients.commit(keys.patients);
      devices.commit(keys.devices);
    },
  });
  return { spec: warehouseSpec, target };
}

type Write = (
  transaction: Transaction,
  slice: SinkSlice,
  loadId: number,
  keys: FactKeys & ClaimKeys,
) => Promise<Readonly<Record<string, number>>>;

function writerOf(slice: SinkSlice): Write {
  if (areFacts(slice)) return writeFacts;
  return slice.of.name === deidClaimAdjudicated.name ? (writeClaims as Write) : writePatients;
}

async function readVitals(transaction: Transaction): Promise<ReadonlyMap<string, number>> {
  const { rows } = await transaction.query<{ code: string; vital_key: number }>('SELECT code, vital_key FROM warehouse.dim_vital');
  return new Map(rows.map(({ code, vital_key: key }) => [code, key]));
}

const insertLoadsSql = `
  INSERT INTO warehouse.load (topic, partition, first_offset, next_offset, rows)
  SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[]) RETURNING load_id`;

/** One load per slice that holds records; where there is none, 0. */
async function insertLoads(transaction: Transaction, { slices }: SinkBatch): Promise<readonly number[]> {
  const filled = slices.filter(({ records }) => records.length > 0);
  if (filled.length === 0) return [];
  const { rows } = await transaction.query<{ load_id: number }>(insertLoadsSql, [
    filled.map(({ topic }) => topic),
    filled.map(({ partition }) => partition),
    filled.map(({ startOffset }) => startOffset),
    filled.map(({ nextOffset }) => nextOffset),
    filled.map(({ records }) => records.length),
  ]);
  const ids = rows.map(({ load_id: id }) => id);
  return slices.map(({ records }) => (records.length > 0 ? (ids.shift() as number) : 0));
}

async function writePatients(transaction: Transaction, slice: SinkSlice, loadId: number): Promise<Readonly<Record<string, number>>> {
  const { topic, partition, records } = slice;
  const changes = records.map(({ key, value, offset }): PatientChange => ({
    pseudonym: value === null ? String(key) : (value as { pseudonym: string }).pseudonym,
    value: value as PatientChange['value'],
    source: { topic, partition, offset, loadId },
  }));
  return { 'warehouse.dim_patient': await writePatientChanges(transaction, changes) };
}
