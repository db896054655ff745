import { hourOf, recordScores, StreamScorer, type PublishScores } from '@vigil/batch';
import { topics } from '@vigil/contracts';
import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { readTopicSince } from './read-topic-since.ts';

/** Who reads each source first: its dispositions tell how good the source is. */
const firstStages: Readonly<Record<string, string>> = {
  [topics.vitalsReadingReceived.name]: 'device-ingest',
  [topics.patientsRecordReceived.name]: 'device-ingest',
  [topics.claimReceived.name]: 'claims-validator-intake',
  [topics.visitRecorded.name]: 'deidentifier',
  [topics.outcomeRecorded.name]: 'deidentifier',
};

const hourMs = 3_600_000;

/** Hours that are not scored yet; the one that was scored last may have been scored before its last rows came. */
async function unscoredSince(database: ExecutorDeps['database'], sinceMs: number): Promise<number> {
  const { rows } = await database
    .query<{ last: string | null }>("SELECT max(period) AS last FROM orchestration.quality_score WHERE subject LIKE 'stream:%'")
    .catch((error: unknown) => {
      throw toDatabaseError(error);
    });
  const last = Date.parse(rows[0]?.last ?? '');
  return Number.isNaN(last) ? sinceMs : Math.max(sinceMs, last);
}

/** Scores the full hours of every stream source since `sinceMs` that have no final score yet. @returns how many */
export async function scoreStreamHours(
  deps: Pick<ExecutorDeps, 'client' | 'registry' | 'clock' | 'database'> & { readonly publish: PublishScores },
  { sinceMs, signal }: { readonly sinceMs: number; readonly signal: AbortSignal },
): Promise<number> {
  const from = await unscoredSince(deps.database, sinceMs);
  const scorer = new StreamScorer(firstStages);
  await readTopicSince(deps, { topic: topics.batchProgressed, sinceMs: Math.floor(from / hourMs) * hourMs, signal }, (row) =>
    scorer.add(row),
  );
  const nowMs = deps.clock.now();
  const full = scorer.scores().filter(({ period }) => period < hourOf(nowMs));
  for (const { topic, period, score } of full.toSorted((left, right) => (left.period < right.period ? -1 : 1)))
    await recordScores(
      { pool: deps.database, publish: deps.publish, nowMs },
      { subject: `stream:${topic}`, source: topic, period, runId: null },
      [score],
    );
  return full.length;
}
