import { Pool } from 'pg';
import { openBenchHome } from '../measure/bench-home.ts';

const connections = 8;

/** Small committed transactions a second, each with one durable row, over the connections that a service would hold. */
export async function benchDatabase(transactions: number): Promise<number> {
  const home = await openBenchHome({ name: 'database', fleet: false });
  const pool = new Pool({ connectionString: home.env.databaseUrl, max: connections });
  try {
    await pool.query('CREATE TABLE bench_transaction (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL)');
    let left = transactions;
    const startedMs = performance.now();
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query('INSERT INTO bench_transaction (at) VALUES (now())');
          await client.query('COMMIT');
        } finally {
          client.release();
        }
      }
    };
    await Promise.all(Array.from({ length: connections }, work));
    return transactions / ((performance.now() - startedMs) / 1000);
  } finally {
    await pool.end();
    await home.close();
  }
}
