import { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FactCounts } from './demo-report.ts';
import type { TextRow } from './text-table.ts';
import { factCountsSql, warehouseQueries } from './demo-sql.ts';

/** A trigger that the provider took. */
export interface AcceptedPage {
  readonly acceptedAtMs: number;
  readonly message: Readonly<Record<string, unknown>>;
}

export interface QueryAnswer {
  readonly title: string;
  readonly sql: string;
  readonly rows: readonly TextRow[];
}

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const factCounts = (warehouseUrl: string): Promise<FactCounts> =>
  withClient(warehouseUrl, async (client) => {
    const { rows } = await client.query<{ readings: number; windows: number; alerts: number }>(factCountsSql);
    return rows[0] ?? { readings: 0, windows: 0, alerts: 0 };
  });

/** The three questions, asked with the analysts' rights. */
export const askWarehouse = (warehouseUrl: string): Promise<QueryAnswer[]> =>
  withClient(warehouseUrl, async (client) => {
    await client.query('SET ROLE analyst');
    const answers: QueryAnswer[] = [];
    for (const { title, sql } of warehouseQueries) {
      answers.push({ title, sql, rows: (await client.query<TextRow>(sql)).rows });
    }
    return answers;
  });

/** Pages that PagerDuty's stand-in took since `sinceMs`, in the order in which it took them. */
export async function acceptedPages(pagerUrl: string, sinceMs: number): Promise<AcceptedPage[]> {
  const answer = await fetch(`${pagerUrl}/accepted`);
  const { accepted } = (await answer.json()) as { accepted: (AcceptedPage & { channel: string })[] };
  return accepted.filter(
    ({ channel, acceptedAtMs, message }) => channel === 'pagerduty' && acceptedAtMs >= sinceMs && message['event_action'] === 'trigger',
  );
}

/** Waits until at least one page was taken; what there is when the time is over. */
export async function awaitPage(pagerUrl: string, sinceMs: number, withinMs: number): Promise<AcceptedPage[]> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 250) {
    const pages = await acceptedPages(pagerUrl, sinceMs);
    if (pages.length > 0) return pages;
    await sleep(250);
  }
  return acceptedPages(pagerUrl, sinceMs);
}

/** Milliseconds from `receivedAt` to the provider's 2xx, of each page accepted since. */
export const alertLatencies = (databaseUrl: string, sinceMs: number): Promise<number[]> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ ms: number }>(
      `SELECT latency_ms::float AS ms FROM alerting.delivery_attempt WHERE latency_ms IS NOT NULL AND finished_at >= to_timestamp($1 / 1000.0)`,
      [sinceMs],
    );
    return rows.map(({ ms }) => ms);
  });
