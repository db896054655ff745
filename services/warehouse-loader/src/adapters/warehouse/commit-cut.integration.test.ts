import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { openLedger } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createCommitCutter } from '../../fixtures/commit-cutter.ts';
import { aDeidReading } from '../../fixtures/records.ts';
import { createSinkBench, drained } from '../../fixtures/sink-bench.ts';
import { createWarehouseSink } from './create-warehouse-sink.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('vigil_warehouse');
});
afterAll(() => database?.drop());

test('connections cut in the middle of a COMMIT lose nothing and double nothing', async () => {
  const cutter = await createCommitCutter(database.url);
  const pool = createPool({ url: cutter.url, applicationName: 'cut' });
  const sink = createWarehouseSink(pool);
  const bench = await createSinkBench(sink);
  try {
    const stage = await bench.start({ ...sink, spec: { ...sink.spec, limits: { maxRecords: 20 } } });
    const readings = Array.from({ length: 200 }, (_, index) => aDeidReading(index));
    await drained(stage, bench);
    cutter.cut('before', 'after', 'after', 'before', 'after');
    for (let from = 0; from < readings.length; from += 20) await bench.send(topics.deidReadingAccepted, readings.slice(from, from + 20));
    await drained(stage, bench);

    expect(cutter.remaining()).toBe(0);
    const { rows } = await database.pool.query<{ elapsed_ms: number }>(
      'SELECT elapsed_ms FROM warehouse.fact_vital_reading ORDER BY src_offset',
    );
    expect(rows.map(({ elapsed_ms: elapsedMs }) => elapsedMs)).toEqual(readings.map(({ elapsedMs }) => elapsedMs));
    const { rows: loads } = await database.pool.query<{ rows: number }>('SELECT sum(rows)::int AS rows FROM warehouse.load');
    expect(loads[0]?.rows).toBe(readings.length);
    await bench.stop();
    const ledger = await openLedger({ client: bench.broker.connect(), registry: bench.registry });
    const { name: topic } = topics.deidReadingAccepted;
    expect(await ledger.catchUp()).toMatchObject([{ topic, consumed: readings.length, processed: readings.length }]);
    await ledger.close();
  } finally {
    await bench.stop();
    await pool.end();
    await cutter.close();
  }
});
