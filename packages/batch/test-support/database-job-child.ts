/** A process that loads numbers into a table and is killed: `node database-job-child.ts JSON`. Says `position` after each commit. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '@vigil/postgres';
import { operationalJobTables, runDatabaseJob } from '../src/index.ts';
import { jobOf, numbersFrom, numbersTarget, writeNumber } from './numbered-job.ts';

export interface DatabaseChildOrder {
  readonly url: string;
  readonly last: number;
  readonly epoch: number;
}

const { url, last, epoch } = JSON.parse(process.argv[2] ?? '') as DatabaseChildOrder;
const pool = createPool({ url, applicationName: 'job-child' });

/** Slow enough that a kill finds it at work. */
async function* paced(position: string | null) {
  for await (const item of numbersFrom(position, last)) {
    if (item.item % 100 === 0) await sleep(1);
    yield item;
  }
}
const result = await runDatabaseJob(
  {
    partition: jobOf(last, { epoch, read: paced }),
    target: numbersTarget,
    writeRow: writeNumber,
    tables: operationalJobTables,
    ends: 'for-good',
    skipLimit: null,
    limits: { records: 200 },
    signal: new AbortController().signal,
    onCommitted: ({ position }) => void writeSync(1, `${position}\n`),
  },
  pool,
);
writeSync(1, `${JSON.stringify(result)}\n`);
await pool.end();
