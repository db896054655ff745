import { topics, type Topic } from '@vigil/contracts';
import { offsetsSince } from '@vigil/kafka';
import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { dayMs } from './report-access.ts';
import type { Cell, Report } from './report.ts';

/** How long rows of tables are meant to stay; names are constants of the code. */
const tablePolicies = [
  { table: 'orchestration.run', column: 'created_at', days: 2192 },
  { table: 'orchestration.run_event', column: 'at', days: 2192 },
  { table: 'orchestration.file', column: 'found_at', days: 2192 },
  { table: 'orchestration.quality_score', column: 'recorded_at', days: 400 },
  { table: 'orchestration.payload', column: 'created_at', days: 90 },
  { table: 'orchestration.inbox', column: 'seen_at', days: 30 },
] as const;

/** Kafka deletes whole segments: what is over its time stays until its segment closed and the cleaner came round. */
const segmentSlackMs = 8 * dayMs;

async function expiredIn({ client, clock }: Pick<ExecutorDeps, 'client' | 'clock'>, topic: Topic): Promise<number> {
  const before = clock.now() - topic.retentionMs - segmentSlackMs;
  const [starts, since] = await Promise.all([client.admin.startOffsets(topic.name), offsetsSince(client, topic.name, before)]);
  return since.reduce((sum, offset, partition) => sum + Math.max(0, offset - (starts[partition] ?? 0)), 0);
}

const hasRetention = (topic: Topic): boolean => topic.cleanup === 'delete' && Number.isFinite(topic.retentionMs) && topic.retentionMs > 0;

/** What is kept longer than its retention, by topic and table. */
export async function reportRetention(deps: Pick<ExecutorDeps, 'client' | 'clock' | 'database'>): Promise<Report> {
  const rows: Cell[][] = [];
  const kept = (Object.values(topics) as readonly Topic[]).filter(hasRetention);
  const present = new Set((await deps.client.admin.describeTopics(kept.map(({ name }) => name))).map(({ name }) => name));
  for (const topic of kept)
    if (present.has(topic.name)) rows.push(['topic', topic.name, Math.round(topic.retentionMs / dayMs), await expiredIn(deps, topic)]);
  for (const { table, column, days } of tablePolicies) {
    const sql = `SELECT count(*) AS expired FROM ${table} WHERE ${column} < $1`;
    const { rows: counted } = await deps.database
      .query<{ expired: number }>(sql, [new Date(deps.clock.now() - days * dayMs)])
      .catch((error: unknown) => {
        throw toDatabaseError(error);
      });
    rows.push(['table', table, days, counted[0]?.expired ?? 0]);
  }
  return {
    title: 'Retention',
    columns: ['kind', 'name', 'retention_days', 'records_over_it'],
    rows,
    notes: [
      'Of topics what is more than 8 days over its time: Kafka deletes whole segments. Of large topics the number is a close lower bound.',
    ],
    findings: rows.filter((row) => Number(row[3]) > 0).length,
    peopleColumn: null,
  };
}
