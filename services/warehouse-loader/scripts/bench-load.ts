// How fast the warehouse target loads: node services/warehouse-loader/scripts/bench-load.ts [readings]
// Broker in memory, real PostgreSQL of the local stack; prints readings/s and the loader's own CPU-seconds per million.
import { topics } from '@vigil/contracts';
import { createTestDatabase } from '@vigil/testing';
import { createWarehouseSink, warehouseSpec } from '../src/adapters/warehouse/create-warehouse-sink.ts';
import { aDeidReading } from '../src/fixtures/records.ts';
import { createSinkBench, drained } from '../src/fixtures/sink-bench.ts';

const readings = Number(process.argv[2] ?? 200_000);
const database = await createTestDatabase('vigil_warehouse');
try {
  const bench = await createSinkBench({ spec: warehouseSpec }, 4);
  for (let from = 0; from < readings; from += 10_000) {
    const values = Array.from({ length: 10_000 }, (_, index) => aDeidReading(from + index, { pseudonym: `d1.p${(from + index) % 2_000}` }));
    await bench.send(topics.deidReadingAccepted, values, { partition: (from / 10_000) % 4 });
  }
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await drained(await bench.start(createWarehouseSink(database.pool)), bench);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSecondsPerMillion = (user + system) / readings;
  process.stdout.write(`${JSON.stringify({ readings, seconds, perSecond: Math.round(readings / seconds), cpuSecondsPerMillion })}\n`);
  await bench.stop();
} finally {
  await database.drop();
}
