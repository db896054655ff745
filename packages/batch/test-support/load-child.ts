/** A process that loads code lists into a table and is killed: `node load-child.ts JSON`. Says how far it came whenever that changed. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '@vigil/postgres';
import { extractFiles } from '../src/index.ts';
import { loadRequest } from './load-request.ts';

export interface LoadChildOrder {
  readonly operationalUrl: string;
  readonly warehouseUrl: string;
  readonly home: string;
  readonly runId: string;
  readonly epoch: number;
}

const { operationalUrl, warehouseUrl, ...order } = JSON.parse(process.argv[2] ?? '') as LoadChildOrder;
const operational = createPool({ url: operationalUrl, applicationName: 'load-child' });
const warehouse = createPool({ url: warehouseUrl, applicationName: 'load-child', role: 'vigil_worker' });

let isLoading = true;
async function tellProgress(): Promise<void> {
  for (let told = -1; isLoading; await sleep(2)) {
    const { rows } = await warehouse.query<{ read: number }>(
      `SELECT coalesce(sum((counts->>'read')::int), 0) AS read FROM engine.job_checkpoint`,
    );
    const read = rows[0]?.read ?? 0;
    if (read > 0 && read !== told) writeSync(1, `${(told = read)}\n`);
  }
}
const telling = tellProgress();
const { counts } = await extractFiles(loadRequest({ ...order, operational, warehouse }, { chunkLimits: { records: 500 } }));
isLoading = false;
await telling;
writeSync(1, `${JSON.stringify(counts)}\n`);
await operational.end();
await warehouse.end();
