import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { followPart, replayableSink, rewindPart, type ReplayJob, type ReplayPart } from '@vigil/postgres';
import { refuseGone } from './replay-scope.ts';
import type { ReplayTools } from './with-replay.ts';

export interface RunOptions {
  readonly progress: (line: string) => void;
  /** Time until which it must be done; the job can be gone on with. */
  readonly untilMs: number;
  readonly nowMs: () => number;
  /** Seconds that live stages are behind; the next partition waits while that is more than `yieldSeconds`. */
  readonly liveLagSeconds: () => Promise<number>;
  readonly yieldSeconds: number;
}

const pollMs = 250;

function refuseLate({ nowMs, untilMs }: RunOptions, what: string): void {
  if (nowMs() >= untilMs) throw new VigilError('TIMED_OUT', { detail: `${what} Go on with: vigil replay run ID.` });
}

async function waitForRoom(options: RunOptions): Promise<void> {
  const { liveLagSeconds, yieldSeconds, progress } = options;
  for (let lag = await liveLagSeconds(); lag > yieldSeconds; lag = await liveLagSeconds()) {
    progress(`waits: live stages are ${lag.toFixed(1)} s behind`);
    refuseLate(options, 'Live stages stay behind.');
    await sleep(pollMs * 4);
  }
}

/** Retention goes on after the plan: rows whose records are gone would be deleted and never loaded again. */
async function refuseUnreadable({ client }: ReplayTools, part: ReplayPart): Promise<void> {
  const starts = await client.admin.startOffsets(part.topic);
  refuseGone(part, starts[part.partition] as number);
}

/**
 * Rewinds a sink a partition at a time and watches its running loader load again. Each step is stored before the next, so
 * a killed run is gone on with by running it again.
 *
 * @throws VigilError TIMED_OUT, REPLAY_RANGE_GONE before anything of that partition is deleted
 */
export async function runSinkReplay(tools: ReplayTools, job: ReplayJob, options: RunOptions): Promise<ReplayJob> {
  const sink = replayableSink(job.name);
  const replay = { jobId: job.jobId, sink, pool: tools.poolOf(sink), jobs: tools.jobs };
  await tools.jobs.setState(job.jobId, 'running');
  for (const planned of job.parts) {
    if (planned.state === 'done') continue;
    let part: ReplayPart = planned;
    if (part.state === 'planned') {
      await waitForRoom(options);
      await refuseUnreadable(tools, part);
      part = await rewindPart(replay, part);
    }
    const name = `${part.topic}-${part.partition}`;
    options.progress(`${name}: rewound to ${part.fromOffset}, ${part.before?.rows ?? 0} rows are loaded again`);
    for (let step = await followPart(replay, part); !step.done; step = await followPart(replay, part)) {
      refuseLate(options, `${name} is at ${step.position} of ${part.untilOffset}. Is the loader running?`);
      await sleep(pollMs);
    }
    options.progress(`${name}: loaded again up to ${part.untilOffset}`);
  }
  await tools.jobs.setState(job.jobId, 'done');
  return tools.jobs.find(job.jobId);
}
