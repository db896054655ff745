import type { Command } from 'commander';
import { systemClock, VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { operatorOf, reasonOf } from '../dlq/operator.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { wholeNumber } from '../options/whole-number.ts';
import type { ScopeFlags } from '../replay/replay-scope.ts';

interface PlanFlags extends ScopeFlags {
  readonly rate: string;
  readonly set: readonly string[];
}

interface RunFlags {
  readonly timeout: string;
  readonly yieldSeconds: string;
  readonly flushSeconds: string;
  readonly replication: string;
  readonly launch: boolean;
}

interface CutoverFlags {
  readonly reason?: string;
  readonly as?: string;
  readonly page?: boolean;
  readonly timeout: string;
  readonly yieldSeconds: string;
  readonly launch: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

const tools = async () => {
  const { withReplay } = await import('../replay/with-replay.ts');
  return withReplay;
};

function registerPlan(replay: Command, io: CliIo): void {
  defineCommand(replay, {
    name: 'plan <sink|stage>',
    summary: 'count what a replay would read again; changes nothing',
    examples: [
      'vigil replay plan warehouse-loader.warehouse --topic deid.vitals.reading.accepted.v1 --partition 0 --from-offset 0',
      'vigil replay plan vitals-windowing --set VIGIL_WINDOW_GRACE_MS=120000',
    ],
  })
    .option('--topic <topic>', 'the source topic; a stage has one')
    .option('--partition <n>', 'only this partition')
    .option('--from-offset <n>', 'with --partition: first offset to read again')
    .option('--from-time <time>', 'first ingestion time to read again (2026-01-31T10:00:00Z, 90m); without it all that the topic holds')
    .option('--until-time <time>', 'of a stage: the ingestion time that the run ends before; without it the end of the topic as it is now')
    .option('--key <token>', 'of a stage: only records of this patient token')
    .option('--rate <records>', 'most records a second', '50000')
    .option('--set <NAME=VALUE>', 'another setting of the stage’s rules; may repeat', collect, [])
    .action(async (name: string, flags: PlanFlags) => {
      const rate = wholeNumber('--rate', flags.rate);
      const { parseScope } = await import('../replay/replay-scope.ts');
      const { planSink } = await import('../replay/plan-sink.ts');
      const { parseSettings, planStage } = await import('../replay/plan-stage.ts');
      const { replayableStages } = await import('../replay/replayable-stages.ts');
      const { planText } = await import('../replay/replay-text.ts');
      const settings = parseSettings(flags.set);
      const stage = replayableStages.find((candidate) => candidate.name === name);
      const topic = flags.topic ?? stage?.source.name;
      if (topic === undefined) throw new VigilError('BAD_USAGE', { detail: 'A sink needs --topic TOPIC.' });
      if (!stage && flags.set.length > 0) throw new VigilError('BAD_USAGE', { detail: '--set goes with a stage.' });
      const scope = parseScope(topic, flags);
      const answer = await (
        await tools()
      )((open) => (stage ? planStage(open, name, scope, { rate, settings }) : planSink(open, name, scope, rate)));
      io.result(answer, planText);
    });
}

async function run(io: CliIo, jobId: string, flags: RunFlags): Promise<void> {
  const timeoutMs = wholeNumber('--timeout', flags.timeout) * 1000;
  const yieldSeconds = wholeNumber('--yield-seconds', flags.yieldSeconds, 0);
  const flushMs = wholeNumber('--flush-seconds', flags.flushSeconds, 0) * 1000;
  const replicationFactor = wholeNumber('--replication', flags.replication);
  const { runSinkReplay } = await import('../replay/run-sink.ts');
  const { runStageReplay } = await import('../replay/run-stage.ts');
  const { stageLauncher } = await import('../replay/launch-stage.ts');
  const { liveLagSeconds } = await import('../replay/live-lag-seconds.ts');
  const { jobText } = await import('../replay/replay-text.ts');
  const job = await (
    await tools()
  )(async (open) => {
    const found = await open.jobs.find(jobId);
    return open.jobs.exclusively(jobId, async () => {
      if (found.state === 'abandoned') throw new VigilError('BAD_USAGE', { detail: 'The replay was abandoned: plan another.' });
      if (found.state === 'done') return found;
      if (found.state === 'cutting-over' || found.state === 'cut-over')
        throw new VigilError('BAD_USAGE', { detail: 'The run takes the place of the live stage: vigil replay cutover ID.' });
      const timing = { progress: io.progress, nowMs: () => systemClock.now(), untilMs: systemClock.now() + timeoutMs, yieldSeconds };
      if (found.kind === 'sink') return runSinkReplay(open, found, { ...timing, liveLagSeconds: () => liveLagSeconds(open, systemClock) });
      const launch = flags.launch ? await stageLauncher(found.name, io.progress) : null;
      return runStageReplay(open, found, { ...timing, launch, replicationFactor, flushMs });
    });
  });
  io.result({ job }, (result) => jobText(result.job));
}

function registerRun(replay: Command, io: CliIo): void {
  defineCommand(replay, {
    name: 'run <job>',
    summary: 'carry a planned replay out, or go on with one that was interrupted',
    examples: ['vigil replay run r1a2b3c4d', 'vigil replay run r1a2b3c4d --yield-seconds 5 --json'],
  })
    .option('--timeout <seconds>', 'give up after this time; the job can be gone on with', '3600')
    .option('--yield-seconds <seconds>', 'wait while live stages are further behind than this', '2')
    .option('--flush-seconds <seconds>', 'a stage, after all is read: time for what closes by the passing of time', '100')
    .option('--replication <n>', 'copies of the topics of a stage’s run', '1')
    .option('--no-launch', 'a stage: somebody else runs the program, with the environment that status shows')
    .action((jobId: string, flags: RunFlags) => run(io, jobId, flags));
}

function registerStatus(replay: Command, io: CliIo): void {
  defineCommand(replay, {
    name: 'status [job]',
    summary: 'how far a replay has come; without a job all replays',
    examples: ['vigil replay status', 'vigil replay status r1a2b3c4d --json'],
  }).action(async (jobId?: string) => {
    const { jobText } = await import('../replay/replay-text.ts');
    const { cutoverEnvironment } = await import('../replay/cutover-stage.ts');
    const { remainingOf, runEnvironment } = await import('../replay/run-stage.ts');
    const withReplay = await tools();
    if (jobId === undefined) {
      const jobs = await withReplay((open) => open.jobs.list());
      io.result({ jobs }, () => jobs.map(jobText).join('\n') || 'no replay was planned yet');
      return;
    }
    const answer = await withReplay(async (open) => {
      const job = await open.jobs.find(jobId);
      if (job.kind === 'sink' || job.state === 'abandoned' || job.state === 'cut-over') return { job };
      return {
        job,
        remaining: await remainingOf(open, job),
        environment: runEnvironment(job, 10),
        cutover: cutoverEnvironment(job, false),
      };
    });
    io.result(answer, ({ job, ...rest }) =>
      [jobText(job), ...('remaining' in rest ? [`${rest.remaining} records are left`] : [])].join('\n'),
    );
  });
}

function registerDiff(replay: Command, io: CliIo): void {
  defineCommand(replay, {
    name: 'diff <job>',
    summary: 'hold the result of a replay against what was there before; 1 when they differ',
    examples: ['vigil replay diff r1a2b3c4d', 'vigil replay diff r1a2b3c4d --json'],
  }).action(async (jobId: string) => {
    const { diffSink } = await import('../replay/diff-sink.ts');
    const { diffStage } = await import('../replay/diff-stage.ts');
    const { differenceText } = await import('../replay/replay-text.ts');
    const { openRegistry } = await import('../connect/open-registry.ts');
    const difference = await (
      await tools()
    )(async (open) => {
      const job = await open.jobs.find(jobId);
      if (job.kind === 'sink') return diffSink(open, job);
      if (job.state !== 'done')
        throw new VigilError('BAD_USAGE', { detail: `The run is ${job.state}: only a run that is done can be compared.` });
      return diffStage(open, openRegistry(), job);
    });
    io.result(difference, differenceText);
    if (!difference.equal) io.exitWith(1);
  });
}

function registerEnds(replay: Command, io: CliIo): void {
  defineCommand(replay, {
    name: 'abandon <job>',
    summary: 'end a replay; of a stage’s run everything is removed',
    examples: ['vigil replay abandon r1a2b3c4d'],
  }).action(async (jobId: string) => {
    const { abandonReplay } = await import('../replay/abandon-replay.ts');
    const withReplay = await tools();
    const answer = await withReplay(async (open) => {
      const job = await open.jobs.find(jobId);
      return open.jobs.exclusively(jobId, () => abandonReplay(open, job));
    });
    io.result(answer, ({ topics, group }) => `abandoned; removed: ${topics.length} topics${group === null ? '' : ` and group ${group}`}`);
  });
}

async function cutOver(io: CliIo, jobId: string, flags: CutoverFlags): Promise<void> {
  const by = operatorOf(flags.as);
  const reason = reasonOf('cutover', flags.reason);
  const timeoutMs = wholeNumber('--timeout', flags.timeout) * 1000;
  const yieldSeconds = wholeNumber('--yield-seconds', flags.yieldSeconds, 0);
  const { cutOverStage } = await import('../replay/cutover-stage.ts');
  const { stageLauncher } = await import('../replay/launch-stage.ts');
  const { jobText } = await import('../replay/replay-text.ts');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { auditAccess } = await import('../dlq/audit-access.ts');
  const withReplay = await tools();
  const job = await withReplay((open) =>
    open.jobs.exclusively(jobId, async () => {
      const found = await open.jobs.find(jobId);
      const world = { client: open.client, registry: openRegistry(), clock: systemClock };
      await auditAccess({ subtype: 'cutover', action: 'E', by, entityType: 'stage', entity: found.name, records: 0, reason }, world);
      const launch = flags.launch && found.kind === 'stage' ? await stageLauncher(found.name, io.progress) : null;
      const timing = { progress: io.progress, nowMs: () => systemClock.now(), untilMs: systemClock.now() + timeoutMs };
      return cutOverStage(open, found, { ...timing, yieldSeconds, launch, pages: flags.page === true });
    }),
  );
  io.result({ job }, (result) => `${jobText(result.job)}\nstart ${result.job.name} with the settings of the run now`);
}

function registerCutover(replay: Command, io: CliIo): void {
  defineCommand(replay, {
    name: 'cutover <job>',
    summary: 'let a run of a stage that is done take the place of the live stage, or go on with that',
    examples: ['vigil replay cutover r1a2b3c4d --reason "grace of two minutes, ticket 4711"'],
  })
    .option('--reason <text>', 'why; recorded in audit.access.recorded.v1')
    .option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)')
    .option('--page', 'an episode that only the run has open pages at once, not with the next reading in which it holds')
    .option('--timeout <seconds>', 'give up after this time; it can be gone on with', '3600')
    .option('--yield-seconds <seconds>', 'until the live stage is stopped, wait while it is further behind than this', '10')
    .option('--no-launch', 'somebody else runs the program, with the environments that status shows')
    .action((jobId: string, flags: CutoverFlags) => cutOver(io, jobId, flags));
}

/** `vigil replay`: read again what was read before, bounded, counted first, and compared afterwards. */
export const registerReplay: RegisterCommand = (program, io) => {
  const replay = program.command('replay').description('read again what was read before: a sink in place, a stage beside the live one');
  for (const register of [registerPlan, registerRun, registerStatus, registerDiff, registerCutover, registerEnds]) register(replay, io);
};
