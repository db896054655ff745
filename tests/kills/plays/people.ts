import { mendedPeopleWorkflow, peopleWorkflow } from '../definitions.ts';
import { deploy } from '../ground.ts';
import { order, requestRun } from './orders.ts';
import { differs, type Play } from './play.ts';
import { doubled, endsAs, inputsOf, leftOver, tasksOf } from './run-rows.ts';

/** Everything that people do to a run, each once, whoever dies while they ask. */
export const playPeople: Play = async (ground, name) => {
  await deploy(ground, peopleWorkflow(name));
  const runId = await requestRun(ground, name);
  await order(ground, runId, { path: 'pause', kind: 'pause' });
  await order(ground, runId, { path: 'resume', kind: 'resume' });
  await order(ground, runId, { path: 'approvals/ask', body: { decision: 'approved' }, kind: 'approved' });
  await order(ground, runId, { path: 'approvals/refuse', body: { decision: 'declined' }, kind: 'declined' });
  await endsAs(ground, runId, 'failed');
  const { version } = await deploy(ground, mendedPeopleWorkflow(name));
  await order(ground, runId, { path: 'move', body: { version }, kind: 'move' });
  await endsAs(ground, runId, 'succeeded');
  await order(ground, runId, { path: 'retry', body: { task: 'note' }, kind: 'rerun' });
  await endsAs(ground, runId, 'succeeded');

  const [kept] = await ground.query<{ reports: number; epochs: number }>(
    `SELECT count(*)::int AS reports, count(DISTINCT body->>'epoch')::int AS epochs FROM orchestration.payload
     WHERE run_id = $1 AND body->>'kind' = 'report'`,
    [runId],
  );
  const { pause, resume, approved, declined, move, rerun, succeeded } = await inputsOf(ground, runId);
  const tasks = (await tasksOf(ground, runId)).filter(({ task }) => task !== 'refuse');
  return [
    ...differs('tasks', Object.fromEntries(tasks.map(({ task, state }) => [task, state])), { ask: 'succeeded', note: 'succeeded' }),
    ...differs(
      'orders that count',
      { pause, resume, approved, declined, move, rerun },
      { pause: 1, resume: 1, approved: 1, declined: 1, move: 1, rerun: 1 },
    ),
    // Once for the move and once for the re-run; a death in between makes an attempt more, never a result more.
    ...differs('results of note', succeeded, 2),
    ...differs('reports by epoch', kept?.reports, kept?.epochs),
    ...(await doubled(ground, runId)),
    ...(await leftOver(ground, [runId])),
  ];
};
