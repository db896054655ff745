import type { LagState } from './lag-state.ts';
import { windowSamples, type LagSample, type PartitionHistory } from './partition-history.ts';

/** A lag below this is the work of the moment, whatever its course. */
const allowedLagSeconds = 2;
/** Fewer commits than this show no course. */
const leastCommits = 3;

const pairs = (commits: readonly LagSample[]): (readonly [LagSample, LagSample])[] =>
  commits.slice(1).map((commit, index) => [commits[index] as LagSample, commit]);

/** A position went back and has not yet come to where it was: records are processed again. */
function isRewound(commits: readonly LagSample[]): boolean {
  const last = commits.at(-1)?.position ?? 0;
  return pairs(commits).some(([before, after]) => after.position < before.position && last < before.position);
}

/** Nothing was committed for longer than all kept commits took, and for the whole window. */
function isStopped({ commits, samples }: PartitionHistory): boolean {
  const [firstCommit, lastCommit] = [commits[0] as LagSample, commits.at(-1) as LagSample];
  const [firstSample, now] = [samples[0] as LagSample, samples.at(-1) as LagSample];
  if (samples.length < windowSamples || lastCommit.atMs > firstSample.atMs) return false;
  return now.atMs - lastCommit.atMs > lastCommit.atMs - firstCommit.atMs || lastCommit.atMs < firstSample.atMs;
}

/**
 * Burrow's rules, in its order of severity:
 *
 * 1. the lag was zero at some time in the window: OK, except after a rewind that was not made good;
 * 2. the position went back: REWIND;
 * 3. nothing is committed any more: STOP;
 * 4. commits do not move the position: STALL;
 * 5. the position moves and the lag never shrinks: WARN.
 *
 * Burrow reads commits as they are made; we see them by looking, so a commit is a look at which position or text beside
 * it had changed. A partition that stood still for longer than the window is stopped, however long its commits took before.
 */
export function judgePartition(history: PartitionHistory): LagState {
  const { samples, commits } = history;
  const now = samples.at(-1) as LagSample;
  if (now.lagRecords > 0 && isRewound(commits)) return 'REWIND';
  if (samples.some(({ lagRecords }) => lagRecords === 0) || now.lagSeconds < allowedLagSeconds) return 'OK';
  if (isStopped(history)) return 'STOP';
  if (commits.length < leastCommits) return 'OK';
  if (pairs(commits).every(([before, after]) => after.position === before.position)) return 'STALL';
  return pairs(commits).every(([before, after]) => after.lagRecords >= before.lagRecords) ? 'WARN' : 'OK';
}
