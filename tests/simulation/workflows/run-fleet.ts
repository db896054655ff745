import { coordinate } from './brokers.ts';
import { dispatch, relay, takeReports, watchTimes } from './orchestrator-loops.ts';
import type { RunWorld } from './run-world.ts';
import type { Activity, SimProcess } from './sim-scheduler.ts';
import { beginWorker } from './worker-process.ts';

function createProcess(name: string, begin: (process: SimProcess) => void): SimProcess {
  const process: SimProcess = { name, life: 0, pausedUntilMs: 0, begin: () => begin(process), onDeath: () => undefined };
  return process;
}

/** A person who decides about what is asked, sooner or later. */
function* decideQuestions({ database, answer }: RunWorld): Activity {
  for (;;) {
    yield 4000;
    for (const [name, { runId, task }] of Array.from(database.approvals)) {
      const kind = answer();
      // What was said just now may have withdrawn the next question.
      if (kind === null || !database.approvals.delete(name)) continue;
      const status = database.runs.get(runId)?.state?.tasks[task]?.status;
      if (status !== 'held') database.problems.push({ invariant: 'W3', detail: `${runId} asks about ${task}, which is ${status}` });
      database.step(runId, { kind, atMs: database.now(), task, by: 'lead', reason: 'checked' });
    }
  }
}

/** A person who mends the definition of what failed and lets the run go on with it. */
function* mendFailed({ database }: RunWorld): Activity {
  for (;;) {
    yield 5000;
    for (const run of database.runs.values()) {
      const mended = run.state?.status === 'failed' ? database.mendedOf(run) : undefined;
      if (mended === undefined) continue;
      database.step(run.runId, { kind: 'move', version: mended.version, atMs: database.now(), by: 'ada', reason: 'mended' });
    }
  }
}

/** Two orchestrators, two workers, the brokers and a person, all begun. */
export function beginFleet(world: RunWorld): readonly SimProcess[] {
  const loops = [dispatch, relay, takeReports, watchTimes];
  const orchestrators = ['orchestrator-1', 'orchestrator-2'].map((name) =>
    createProcess(name, (process) => {
      for (const loop of loops) world.scheduler.spawn(process, loop(world));
    }),
  );
  const workers = ['worker-1', 'worker-2'].map((name) => createProcess(name, (process) => beginWorker(world, process)));
  const brokers = createProcess('brokers', (process) => world.scheduler.spawn(process, coordinate(world)));
  const person = createProcess('person', (process) => {
    for (const habit of [decideQuestions, mendFailed]) world.scheduler.spawn(process, habit(world));
  });
  const mortal = [...orchestrators, ...workers];
  for (const { begin } of [brokers, person, ...mortal]) begin();
  return mortal;
}
