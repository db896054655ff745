import type { Pool } from 'pg';
import type { KeySeal, RowState, SourcedRow, TableSource } from '../src/index.ts';

/** The customer's table, which has no key and no time of change. */
export const createTrialsSql = `CREATE TABLE clinical_trials (trial_id VARCHAR(50), patient_id VARCHAR(50), enrollment_date DATE, treatment_arm VARCHAR(100),
  primary_endpoint_value DECIMAL(10,4), secondary_endpoints JSON, adverse_events JSON, completion_status VARCHAR(20))`;

export const insertTrials = (pool: Pool, from: number, to: number): Promise<unknown> =>
  pool.query(
    `INSERT INTO clinical_trials SELECT 'T1', 'P' || n, DATE '2024-01-01' + n, 'Arm ' || (n % 2), n / 8.0, json_build_object('a', n, 'note', 'x, "y" \\ (z)'), NULL,
      CASE WHEN n % 3 = 0 THEN '' ELSE 'ongoing' END FROM generate_series($1::int, $2::int) AS n`,
    [from, to],
  );

/** Tells keys from hashes only. */
export const plainSeal: KeySeal = {
  seal: (text) => Buffer.from(text, 'utf8').toString('base64url'),
  open: (sealed) => Buffer.from(sealed, 'base64url').toString('utf8'),
};

const fewRows = 3;

export function createMemoryState(): RowState & { readonly rows: Map<string, string>; readonly sealed: Map<string, string | null> } {
  const rows = new Map<string, string>();
  const sealed = new Map<string, string | null>();
  return {
    rows,
    sealed,
    async between(source, { after, upTo }) {
      const keys = [...rows.keys()].filter((name) => name.startsWith(source)).map((name) => name.slice(source.length));
      const within = keys.filter((key) => key > after && key <= upTo).sort();
      return within.slice(0, fewRows).map((key) => ({ key, sealedKey: sealed.get(source + key) ?? null }));
    },
    known: async (source, keys) =>
      new Map(
        keys.flatMap((key) => {
          const content = rows.get(source + key);
          return content === undefined ? [] : [[key, { content, sealedKey: sealed.get(source + key) ?? null }]];
        }),
      ),
    async reseal(source, resealed) {
      for (const { key, sealedKey } of resealed) if (rows.has(source + key)) sealed.set(source + key, sealedKey);
    },
    async remember(source, memos) {
      for (const { key, content, sealedKey } of memos) {
        sealed.set(source + key, sealedKey);
        if (content === null) rows.delete(source + key);
        else rows.set(source + key, content);
      }
    },
  };
}

/** Reads up to `most` rows from a position on and says that they are safe. */
export async function take(source: TableSource, position: string | null, most = Infinity): Promise<SourcedRow[]> {
  const rows: SourcedRow[] = [];
  const stop = new AbortController();
  const memos = (): string[] => rows.flatMap(({ memo }) => memo ?? []);
  for await (const row of source.read(position, stop.signal)) {
    if (row.isMark) await source.acknowledge(row.position, memos());
    else if (rows.push(row) >= most) break;
  }
  const last = rows.at(-1);
  if (last) await source.acknowledge(last.position, memos());
  return rows;
}

export const patientsOf = (rows: readonly SourcedRow[]): string[] => rows.map(({ row }) => String(row['patient_id'])).sort();
