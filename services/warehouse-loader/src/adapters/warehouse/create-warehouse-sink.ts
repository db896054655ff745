import { topics, type DeidAlertRaised, type DeidReadingAccepted, type DeidWindowClosed, type Topic } from '@vigil/contracts';
import type { SinkBatch, SinkSlice, SinkSpec, SliceEffects } from '@vigil/kafka';
import { copyRows, createPostgresTarget, type Transaction } from '@vigil/postgres';
import type { Pool } from 'pg';
import {
  alertRow,
  alertTable,
  readingRow,
  readingTable,
  windowRow,
  windowTable,
  type FactRow,
  type FactTable,
  type RowKeys,
  type RowSource,
} from '../../domain/fact-rows.ts';
import type { PatientChange } from '../../domain/patient-versions.ts';
import type { RunnableSink } from '../../runnable-sink.ts';
import { deviceNaturalKey, findOrCreateDevices, findOrCreatePatients } from './dimension-keys.ts';
import { CommittedKeys } from './key-cache.ts';
import { writePatientChanges } from './patient-dimension.ts';

const { deidReadingAccepted, deidWindowClosed, deidAlertRaised, deidPatientChanged } = topics;
const sink = 'warehouse-loader.warehouse';

export const warehouseSpec: SinkSpec = {
  name: sink,
  sources: [deidPatientChanged, deidReadingAccepted, deidWindowClosed, deidAlertRaised].map((topic: Topic) => ({ topic, read: 'decoded' })),
};

interface FactLoad {
  readonly table: FactTable;
  readonly rowOf: (value: never, keys: RowKeys, source: RowSource) => FactRow;
}

const facts: Readonly<Record<string, FactLoad>> = {
  [deidReadingAccepted.name]: { table: readingTable, rowOf: readingRow },
  [deidWindowClosed.name]: { table: windowTable, rowOf: windowRow },
  [deidAlertRaised.name]: { table: alertTable, rowOf: alertRow },
};

/** What every fact may have; a field that its record lacks is undefined. */
type Fact = Partial<DeidReadingAccepted & DeidWindowClosed & DeidAlertRaised>;

/** A record whose pseudonym was withheld belongs to the patient without one. */
const pseudonymOf = (value: unknown): string => (value as Fact).pseudonym ?? '';
const deviceOf = (value: unknown): string => deviceNaturalKey((value as Fact).deviceClass, (value as Fact).deviceModel);

/** Keys that the open transaction found, by dimension. */
interface BatchKeys {
  readonly patients: ReadonlyMap<string, number>;
  readonly devices: ReadonlyMap<string, number>;
}

/**
 * The star schema: facts by COPY, dimensions by INSERT … ON CONFLICT with their keys remembered, all in the transaction
 * that moves the positions.
 */
export function createWarehouseSink(pool: Pool): RunnableSink {
  const patients = new CommittedKeys(findOrCreatePatients);
  const devices = new CommittedKeys(findOrCreateDevices);
  const found = new WeakMap<SinkBatch, BatchKeys>();
  let vitals: ReadonlyMap<string, number> | undefined;

  const findKeys = async (transaction: Transaction, batch: SinkBatch, loadId: number): Promise<BatchKeys> => {
    const pseudonyms = new Set<string>();
    const kinds = new Set<string>();
    for (const { of, records } of batch.slices) {
      if (!facts[of.name]) continue;
      for (const { value } of records) {
        pseudonyms.add(pseudonymOf(value));
        if (of.name === deidReadingAccepted.name) kinds.add(deviceOf(value));
      }
    }
    const keys = {
      patients: await patients.keysOf(transaction, pseudonyms, loadId),
      devices: await devices.keysOf(transaction, kinds, loadId),
    };
    found.set(batch, keys);
    return keys;
  };

  const writeFacts = async (transaction: Transaction, slice: SinkSlice, loadId: number, keys: BatchKeys): Promise<SliceEffects> => {
    const fact = facts[slice.of.name];
    if (!fact) return writePatients(transaction, slice, loadId);
    vitals ??= await readVitals(transaction);
    const { topic, partition, records } = slice;
    const rows: FactRow[] = [];
    for (const { value, offset } of records) {
      const rowKeys: RowKeys = {
        patient: keys.patients.get(pseudonymOf(value)) as number,
        device: keys.devices.get(deviceOf(value)) ?? null,
        vital: vitals.get(String((value as Fact).vital)) ?? null,
      };
      rows.push(fact.rowOf(value as never, rowKeys, { topic, partition, offset, loadId }));
    }
    return { outputs: { [fact.table.table]: await copyRows(transaction, fact.table, rows) } };
  };

  const target = createPostgresTarget({
    pool,
    sink,
    async writeRows(transaction, batch) {
      const loadIds = await insertLoads(transaction, batch);
      const keys = await findKeys(transaction, batch, loadIds[0] ?? 0);
      const effects: SliceEffects[] = [];
      for (const [index, slice] of batch.slices.entries()) effects.push(await writeFacts(transaction, slice, loadIds[index] ?? 0, keys));
      return effects;
    },
    onWritten(batch) {
      const keys = found.get(batch) as BatchKeys;
      patients.commit(keys.patients);
      devices.commit(keys.devices);
    },
  });
  return { spec: warehouseSpec, target };
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

async function writePatients(transaction: Transaction, { topic, partition, records }: SinkSlice, loadId: number): Promise<SliceEffects> {
  const changes = records.map(({ key, value, offset }): PatientChange => ({
    pseudonym: value === null ? String(key) : (value as { pseudonym: string }).pseudonym,
    value: value as PatientChange['value'],
    source: { topic, partition, offset, loadId },
  }));
  return { outputs: { 'warehouse.dim_patient': await writePatientChanges(transaction, changes) } };
}
