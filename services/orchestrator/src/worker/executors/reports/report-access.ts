import { topics, type AccessRecorded } from '@vigil/contracts';
import { z } from 'zod';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { readTopicSince } from './read-topic-since.ts';
import type { Report } from './report.ts';

export const periodParameters = z.strictObject({ period_days: z.coerce.number().min(0.01).max(3660).default(31) });

export const dayMs = 86_400_000;

interface Accesses {
  events: number;
  records: number;
  denied: number;
  withoutReason: number;
  readonly entities: Set<string>;
}

/** Entities that one person's row tells apart; beyond it the number is a least one. */
const mostEntities = 10_000;

function countAccess(byAgent: Map<string, Accesses>, { agent, type, subtype, outcome, records, reason, entity }: AccessRecorded): void {
  const key = [agent, type, subtype].join('\0');
  const counted = byAgent.get(key) ?? { events: 0, records: 0, denied: 0, withoutReason: 0, entities: new Set<string>() };
  byAgent.set(key, counted);
  counted.events++;
  counted.records += records;
  if (outcome !== 'success') counted.denied++;
  if (reason.trim() === '') counted.withoutReason++;
  if (counted.entities.size < mostEntities) counted.entities.add(entity);
}

/**
 * Who looked at or changed what, by person and kind of access. Reasons stay in the audit log: somebody typed them. Read under
 * a principal of its own, for the time of the report only: the rights of a worker do not reach the audit trail.
 */
export async function reportAccess(
  deps: Pick<ExecutorDeps, 'openAuditClient' | 'registry' | 'clock'>,
  { period_days: days }: z.infer<typeof periodParameters>,
  signal: AbortSignal,
): Promise<Report> {
  const byAgent = new Map<string, Accesses>();
  const sinceMs = deps.clock.now() - days * dayMs;
  const client = deps.openAuditClient();
  try {
    const { registry } = deps;
    await readTopicSince({ client, registry }, { topic: topics.accessRecorded, sinceMs, signal }, (event) => countAccess(byAgent, event));
  } finally {
    await client.close();
  }
  const rows = [...byAgent]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, { events, records, denied, withoutReason, entities }]) => [
      ...key.split('\0'),
      events,
      records,
      entities.size,
      denied,
      withoutReason,
    ]);
  return {
    title: 'Access',
    columns: ['agent', 'area', 'access', 'events', 'records', 'entities', 'denied', 'without_reason'],
    rows,
    notes: [`Accesses of the last ${days} days, from ${topics.accessRecorded.name}.`],
    findings: [...byAgent.values()].filter(({ denied, withoutReason }) => denied + withoutReason > 0).length,
    peopleColumn: null,
  };
}
