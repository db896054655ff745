/** Our side of `bench -- batch`: `node load-visits.ts JSON` loads a CSV into a table as a batch job and prints what it took. */
import { createReadStream, readFileSync } from 'node:fs';
import { readCsv, runDatabaseJob, warehouseJobTables, type CsvItem, type PositionedItem, type WriteRow } from '@vigil/batch';
import { createPool } from '@vigil/postgres';
import { visitColumns } from './bench-visits.ts';

export interface LoadOrder {
  readonly url: string;
  readonly file: string;
  readonly table: string;
}

const { url, file, table } = JSON.parse(process.argv[2] ?? '') as LoadOrder;
const dayMs = 86_400_000;

async function* rowsBehind(position: string | null): AsyncGenerator<PositionedItem<CsvItem>> {
  const done = Number(position ?? 0);
  const form = { delimiter: ',', columns: {}, required: visitColumns };
  for await (const item of readCsv(createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>, form)) {
    if (item.line > done) yield { item, position: String(item.line), place: `line ${item.line}`, line: item.line };
  }
}
const writeVisit: WriteRow<CsvItem> = ({ item }, rows) => {
  if (item.kind !== 'row') return { code: 'RAGGED_ROW', field: '', detail: '' };
  const { row } = item;
  const day = Date.parse(row['visit_date'] ?? '') / dayMs;
  if (!Number.isInteger(day)) return { code: 'BAD_DATE', field: 'visit_date', detail: 'expected YYYY-MM-DD' };
  rows.begin();
  rows.text(row['patient_id'] ?? null);
  rows.date(day);
  rows.text(row['diagnosis_code'] ?? null);
  rows.text(row['diagnosis_description'] ?? null);
  rows.text(row['treatment_code'] ?? null);
  rows.text(row['physician_id'] ?? null);
  rows.text(row['department'] ?? null);
  return 'written';
};

const pool = createPool({ url, applicationName: 'bench batch' });
const startedMs = performance.now();
const { written } = await runDatabaseJob(
  {
    partition: { job: `file:${table}`, partition: 0, epoch: 1, runId: 'bench', batchId: 'bench', read: rowsBehind },
    target: { table, columns: visitColumns },
    writeRow: writeVisit,
    tables: warehouseJobTables,
    ends: 'for-good',
    skipLimit: { count: 0, ratio: 0 },
    signal: new AbortController().signal,
  },
  pool,
);
const seconds = (performance.now() - startedMs) / 1_000;
await pool.end();
const { user, system } = process.cpuUsage();
const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
process.stdout.write(`${JSON.stringify({ rows: written, seconds, cpuSeconds: (user + system) / 1e6, peakMemoryMiB: peakKiB / 1024 })}\n`);
