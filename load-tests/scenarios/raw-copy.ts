import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from, to } from 'pg-copy-streams';
import { Client } from 'pg';

export interface CopyRates {
  readonly rows: number;
  /** Rows a second into the same columns without any index. */
  readonly plain: number;
  /** With a unique index on the event id, which offsets in the transaction make unnecessary. */
  readonly indexed: number;
}

const table = 'warehouse.fact_vital_reading';
const shapes = { plain: '', indexed: 'CREATE UNIQUE INDEX ON bench_copy (reading_id)' } as const;

/** Seconds of one COPY of the file into an empty table of the same columns, its commit included. */
async function copySeconds(client: Client, file: string, index: string): Promise<number> {
  await client.query('DROP TABLE IF EXISTS bench_copy');
  await client.query(`CREATE TABLE bench_copy (LIKE ${table})`);
  if (index) await client.query(index);
  const startedMs = performance.now();
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), client.query(from('COPY bench_copy FROM STDIN')));
  return (performance.now() - startedMs) / 1000;
}

/**
 * How fast PostgreSQL itself takes the rows that the loader wrote: the same rows, from a file made beforehand.
 *
 * @throws when the loader did not write as many rows as records were sent
 */
export async function measureRawCopy({ warehouseUrl, home }: { warehouseUrl: string; home: string }, records: number): Promise<CopyRates> {
  const client = new Client({ connectionString: warehouseUrl });
  const file = join(home, 'fact-rows.copy');
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
    if (Number(rows[0]?.count) !== records)
      throw new Error(`${records} records were sent and ${rows[0]?.count} rows written: the figures would not count.`);
    await pipeline(client.query(to(`COPY ${table} TO STDOUT`)), createWriteStream(file));
    const plain = records / (await copySeconds(client, file, shapes.plain));
    const indexed = records / (await copySeconds(client, file, shapes.indexed));
    await client.query('DROP TABLE bench_copy');
    return { rows: records, plain, indexed };
  } finally {
    await client.end();
    rmSync(file, { force: true });
  }
}
