import { VigilError } from '@vigil/core';
import { fingerprintRows, replayableSink, tablesOf, type ReplayJob } from '@vigil/postgres';
import { resolveScope, type PartRange, type Scope } from './replay-scope.ts';
import type { ReplayTools } from './with-replay.ts';

/** What a plan tells before anything is done. */
export interface PlanAnswer {
  readonly job: ReplayJob;
  /** Offsets to read again; markers among them count. */
  readonly records: number;
  /** Rows that are deleted and loaded again; 0 for a stage. */
  readonly rows: number;
  readonly estimatedSeconds: number;
}

export const countOf = (ranges: readonly PartRange[]): number =>
  ranges.reduce((sum, { fromOffset, untilOffset }) => sum + untilOffset - fromOffset, 0);

/** A loader goes on from one position to the end: it can be neither told to stop in between nor to leave records out. */
function refuseHalves({ untilMs, key }: Scope): void {
  if (key !== null) {
    const detail =
      'A key of a sink cannot be loaded alone: the position is that of the partition, and rows of the others would be loaded twice.';
    throw new VigilError('REPLAY_UNSUPPORTED', { detail });
  }
  if (untilMs !== null) {
    const detail =
      'A sink is loaded again up to where it stands: it goes on from the rewound position, and rows behind an earlier end would be loaded twice.';
    throw new VigilError('REPLAY_UNSUPPORTED', { detail });
  }
}

/**
 * Plans the rewind of a sink: a dry run that counts and changes nothing but the list of jobs.
 *
 * @throws VigilError REPLAY_UNSUPPORTED, REPLAY_RANGE_GONE, BAD_USAGE
 */
export async function planSink(tools: ReplayTools, name: string, scope: Scope, rate: number): Promise<PlanAnswer> {
  const sink = replayableSink(name);
  const tables = tablesOf(sink, scope.topic);
  refuseHalves(scope);
  const ranges: PartRange[] = [];
  let rows = 0;
  for (const range of await resolveScope(tools, scope)) {
    if (range.fromOffset === range.untilOffset) continue;
    const found = await fingerprintRows(tools.poolOf(sink), name, { ...range, tables, untilOffset: null });
    // What the sink has not read yet it reads anyway.
    if (!found || found.position <= range.fromOffset) continue;
    rows += found.rows;
    ranges.push({ ...range, untilOffset: found.position });
  }
  if (ranges.length === 0) throw new VigilError('BAD_USAGE', { detail: `${name} has read nothing of ${scope.topic} in that scope.` });
  const records = countOf(ranges);
  const job = await tools.jobs.create({ kind: 'sink', name, plan: { scope, rows, records, rate }, parts: ranges });
  return { job, records, rows, estimatedSeconds: Math.ceil(records / rate) };
}
