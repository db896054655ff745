import { setTimeout as sleep } from 'node:timers/promises';
import { VigilError } from '@vigil/core';
import { followPart, replayableSink, rewindPart, type ReplayJob, type ReplayPart, type SinkReplay } from '@vigil/postgres';
import { bytesPerRecord, createSinkPace, type SinkPace } from './pace-sink.ts';
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
const paceEveryMs = 1_000;

function refuseLate({ nowMs, untilMs }: RunOptions, what: string): void {
  if (nowMs() >= untilMs) throw new VigilError('TIMED_OUT', { detail: `${what} Go on with: vigil replay run ID.` });
}

/** The pace that the plan says, in bytes as the broker counts. */
async function paceOf({ client, quotas }: ReplayTools, { name, plan, parts }: ReplayJob, yieldSeconds: number): Promise<SinkPace> {
  const rate = Number(plan['rate']);
  const next = parts.find(({ state }) => state !== 'done');
  return createSinkPace({ quotas, clientId: name, bytesPerSecond: rate * (next ? await bytesPerRecord(client, next) : 1), yieldSeconds });
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

interface SinkRun {
  readonly tools: ReplayTools;
  readonly replay: SinkReplay;
  readonly pace: SinkPace;
  readonly options: RunOptions;
}

/** Watches the running loader load a part again, no faster than it may. */
async function followLoad({ replay, pace, options }: SinkRun, part: ReplayPart): Promise<void> {
  const name = `${part.topic}-${part.partition}`;
  let paceAtMs = 0;
  for (let step = await followPart(replay, part); !step.done; step = await followPart(replay, part)) {
    refuseLate(options, `${name} is at ${step.position} of ${part.untilOffset}. Is the loader running?`);
    if (options.nowMs() >= paceAtMs) {
      await pace.keep(await options.liveLagSeconds());
      paceAtMs = options.nowMs() + paceEveryMs;
    }
    await sleep(pollMs);
  }
  options.progress(`${name}: loaded again up to ${part.untilOffset}`);
}

/** One partition: planned, rewound, loaded again. */
async function replayPart({ tools, replay, pace, options }: SinkRun, planned: ReplayPart): Promise<void> {
  let part = planned;
  if (part.state === 'planned') {
    await waitForRoom(options);
    await refuseUnreadable(tools, part);
    await pace.keep(0);
    part = await rewindPart(replay, part);
  }
  options.progress(`${part.topic}-${part.partition}: rewound to ${part.fromOffset}, ${part.before?.rows ?? 0} rows are loaded again`);
  await followLoad({ tools, replay, pace, options }, part);
}

/**
 * Rewinds a sink a partition at a time and watches its running loader load again, at the pace of the plan and slower while
 * live stages are behind. Each step is stored before the next, so
 * a killed run is gone on with by running it again.
 *
 * @throws VigilError TIMED_OUT, REPLAY_RANGE_GONE before anything of that partition is deleted
 */
export async function runSinkReplay(tools: ReplayTools, job: ReplayJob, options: RunOptions): Promise<ReplayJob> {
  const sink = replayableSink(job.name);
  const replay = { jobId: job.jobId, sink, pool: tools.poolOf(sink), jobs: tools.jobs };
  await tools.jobs.setState(job.jobId, 'running');
  const pace = await paceOf(tools, job, options.yieldSeconds);
  try {
    for (const part of job.parts) if (part.state !== 'done') await replayPart({ tools, replay, pace, options }, part);
  } finally {
    await pace.lift();
  }
  await tools.jobs.setState(job.jobId, 'done');
  return tools.jobs.find(job.jobId);
}
