import { hourOf, recordScores, StreamScorer, type PublishScores, type StreamScore } from '@vigil/batch';
import { topics, type ScoreRecorded } from '@vigil/contracts';
import { toDatabaseError } from '@vigil/postgres';
import type { ExecutorDeps } from '../../executor-deps.ts';
import { readTopicSince } from './read-topic-since.ts';
import { scoreReadingColumns } from './sample-readings.ts';

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

type Scoring = Pick<ExecutorDeps, 'client' | 'registry' | 'clock' | 'database'> & { readonly publish: PublishScores };

/**
 * The hour as a whole and, of vitals, its columns. Visits and outcomes have columns by file and table; of claims and registry
 * entries the first stage says only of the whole message what became of it.
 */
async function scoresOf(deps: Scoring, { topic, period, score }: StreamScore, signal: AbortSignal) {
  if (topic !== topics.vitalsReadingReceived.name) return [score];
  const fromMs = Date.parse(period);
  return [score, ...(await scoreReadingColumns(deps, { fromMs, untilMs: fromMs + hourMs, signal }))];
}

/**
 * Scores the full hours of every stream source since `sinceMs` that have no final score yet. Repeating it replaces rows by
 * the same ones.
 *
 * @throws VigilError of database, broker and registry
 */
export async function scoreStreamHours(
  deps: Scoring,
  { sinceMs, signal }: { readonly sinceMs: number; readonly signal: AbortSignal },
): Promise<readonly ScoreRecorded[]> {
  const from = await unscoredSince(deps.database, sinceMs);
  const scorer = new StreamScorer(firstStages);
  await readTopicSince(deps, { topic: topics.batchProgressed, sinceMs: Math.floor(from / hourMs) * hourMs, signal }, (row) =>
    scorer.add(row),
  );
  const nowMs = deps.clock.now();
  const recorded: ScoreRecorded[] = [];
  const full = scorer.scores().filter(({ period }) => period < hourOf(nowMs));
  for (const hour of full.toSorted((left, right) => (left.period < right.period ? -1 : 1))) {
    const { topic, period } = hour;
    const of = { subject: `stream:${topic}`, source: topic, period, runId: null };
    const ports = { pool: deps.database, publish: deps.publish, nowMs };
    recorded.push(...(await recordScores(ports, of, await scoresOf(deps, hour, signal))));
  }
  return recorded;
}
