import { setTimeout as sleep } from 'node:timers/promises';
import { tickMs, tickWorkflow } from '../definitions.ts';
import { deploy } from '../ground.ts';
import { disable } from './orders.ts';
import { differs, type Play } from './play.ts';
import { endsAs, leftOver, runsOf } from './run-rows.ts';
import { until } from './until.ts';

/** A start of the orchestrator and some fires behind it. */
const playedMs = 12_000;

/** A schedule fires through deaths: no time is left out, none fires twice, each has its one run. */
export const playTick: Play = async (ground, name) => {
  await deploy(ground, tickWorkflow(name));
  await until('it fires', async () => ((await runsOf(ground, name)).length > 0 ? true : undefined));
  await sleep(playedMs);
  await disable(ground, name);
  const fires = await ground.query<{ atMs: number; decision: string; runId: string }>(
    `SELECT (extract(epoch FROM f.scheduled_for) * 1000)::double precision AS "atMs", f.decision, f.run_id AS "runId"
     FROM orchestration.fire f JOIN orchestration.schedule s USING (schedule_id) WHERE s.workflow = $1 ORDER BY f.scheduled_for`,
    [name],
  );
  const runs = await runsOf(ground, name);
  for (const { runId } of runs) await endsAs(ground, runId, 'succeeded');
  const [first] = fires;
  return [
    ...differs(
      'times that fired',
      fires.map(({ atMs }) => atMs),
      fires.map((_, at) => (first?.atMs ?? 0) + at * tickMs),
    ),
    ...differs('decisions', [...new Set(fires.map(({ decision }) => decision))], ['started']),
    ...differs('runs of fires', runs.map(({ runId }) => runId).toSorted(), fires.map(({ runId }) => runId).toSorted()),
    ...(fires.length < playedMs / tickMs / 2 ? [`it fired ${fires.length} times only`] : []),
    ...(await leftOver(
      ground,
      runs.map(({ runId }) => runId),
    )),
  ];
};
