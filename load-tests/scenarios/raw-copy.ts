import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from, to } from 'pg-copy-streams';
import { Client } from 'pg';
import { median } from '../bench-report.ts';

/** Rows a second, by what they were copied into and how. */
export interface CopyRates {
  readonly rows: number;
  /** Into the same columns without any index. */
  readonly plain: number;
  /** With a unique index on the event id, which offsets in the transaction make unnecessary. */
  readonly indexed: number;
  /** The same two from COPY's binary format, which the loader writes: PostgreSQL parses nothing. */
  readonly plainBinary: number;
  readonly indexedBinary: number;
  /** Binary, into the same table with the indexes that it has: the most that one connection could load. */
  readonly ownIndexesBinary: number;
}

const table = 'warehouse.fact_vital_reading';
const uniqueIndex = 'CREATE UNIQUE INDEX ON bench_copy (reading_id)';
const formats = ['text', 'binary'] as const;
type Format = (typeof formats)[number];

interface Shape {
  readonly like: string;
  readonly index: string;
  readonly format: Format;
}

const shapes: Readonly<Record<Exclude<keyof CopyRates, 'rows'>, Shape>> = {
  plain: { like: table, index: '', format: 'text' },
  indexed: { like: table, index: uniqueIndex, format: 'text' },
  plainBinary: { like: table, index: '', format: 'binary' },
  indexedBinary: { like: table, index: uniqueIndex, format: 'binary' },
  ownIndexesBinary: { like: `${table} INCLUDING INDEXES`, index: '', format: 'binary' },
};
/** Alternated, so that what disturbs one disturbs the others, too; of each the median counts. */
const repetitions = 3;

/** Seconds of one COPY of the file into an empty table, its commit included; nothing that was written before is still to be written back. */
async function copySeconds(client: Client, file: string, { like, index, format }: Shape): Promise<number> {
  await client.query('DROP TABLE IF EXISTS bench_copy');
  await client.query(`CREATE TABLE bench_copy (LIKE ${like})`);
  if (index) await client.query(index);
  await client.query('CHECKPOINT');
  const startedMs = performance.now();
  const copy = client.query(from(`COPY bench_copy FROM STDIN (FORMAT ${format})`));
  await pipeline(createReadStream(`${file}.${format}`, { highWaterMark: 1 << 20 }), copy);
  return (performance.now() - startedMs) / 1000;
}

/** @throws when the loader did not write as many rows as records were sent */
async function writeFiles(client: Client, file: string, records: number): Promise<void> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
  if (Number(rows[0]?.count) !== records)
    throw new Error(`${records} records were sent and ${rows[0]?.count} rows written: the figures would not count.`);
  for (const format of formats)
    await pipeline(client.query(to(`COPY ${table} TO STDOUT (FORMAT ${format})`)), createWriteStream(`${file}.${format}`));
}

/**
 * How fast PostgreSQL itself takes the rows that the loader wrote: the same rows in the same order, from files made
 * beforehand, over one connection, with the same server settings.
 *
 * @throws when the loader did not write as many rows as records were sent
 */
export async function measureRawCopy({ warehouseUrl, home }: { warehouseUrl: string; home: string }, records: number): Promise<CopyRates> {
  const client = new Client({ connectionString: warehouseUrl });
  const file = join(home, 'fact-rows');
  const seconds = new Map<string, number[]>();
  await client.connect();
  try {
    await writeFiles(client, file, records);
    for (let count = 0; count < repetitions; count++)
      for (const [name, shape] of Object.entries(shapes))
        seconds.set(name, [...(seconds.get(name) ?? []), await copySeconds(client, file, shape)]);
    await client.query('DROP TABLE bench_copy');
    const rateOf = (name: keyof typeof shapes): number => records / median(seconds.get(name) ?? []);
    return {
      rows: records,
      plain: rateOf('plain'),
      indexed: rateOf('indexed'),
      plainBinary: rateOf('plainBinary'),
      indexedBinary: rateOf('indexedBinary'),
      ownIndexesBinary: rateOf('ownIndexesBinary'),
    };
  } finally {
    await client.end();
    for (const format of formats) rmSync(`${file}.${format}`, { force: true });
  }
}
