import { z } from 'zod';
import type { TaskExecution } from '../../executor.ts';
import { readParameters } from './read-parameters.ts';
import { notableDrift } from './report-data-quality.ts';
import type { Report } from './report.ts';
import { scoreStreamHours } from './score-streams.ts';

const hourMs = 3_600_000;

/** How far back hours are made up for that nobody scored. */
const streamParameters = z.strictObject({ hours: z.coerce.number().int().min(1).max(8784).default(48) });

const columns = ['source', 'hour', 'column', 'records', 'score', 'drift'];
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** `score_streams`: the hours that ended and were not scored yet, by stream source and column. */
export async function reportStreamHours(deps: Parameters<typeof scoreStreamHours>[0], execution: TaskExecution): Promise<Report> {
  const { hours } = readParameters(streamParameters, execution);
  const sinceMs = deps.clock.now() - hours * hourMs;
  const scores = await scoreStreamHours(deps, { sinceMs, signal: execution.signal });
  return {
    title: 'Hours of streams',
    columns,
    rows: scores.map(({ source, period, column, records, score, drift }) => [
      source,
      period,
      column,
      records,
      rounded(score, 4),
      rounded(drift, 2),
    ]),
    notes: [
      'An empty column is the source as a whole. Columns of vitals are told from a sample of at most 10,000 readings an hour; an hour without a record has no score.',
    ],
    findings: scores.filter(({ drift }) => drift <= notableDrift).length,
    peopleColumn: null,
  };
}
