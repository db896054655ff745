import { dispatch, relay, takeReports, watchTimes } from './orchestrator-loops.ts';
import type { RunWorld } from './run-world.ts';
import type { Activity, SimProcess } from './sim-scheduler.ts';
import { beginWorker, coordinate } from './worker-process.ts';

function createProcess(name: string, begin: (process: SimProcess) => void): SimProcess {
  const process: SimProcess = { name, life: 0, pausedUntilMs: 0, begin: () => begin(process), onDeath: () => undefined };
  return process;
}

/** A person who decides about what is asked, sooner or later. */
function* decideQuestions({ database }: RunWorld): Activity {
  for (;;) {
    yield 4000;
    for (const [name, { runId, task }] of Array.from(database.approvals)) {
      database.approvals.delete(name);
      database.step(runId, { kind: 'approved', atMs: database.now(), task, by: 'lead', reason: 'checked' });
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
  const person = createProcess('person', (process) => world.scheduler.spawn(process, decideQuestions(world)));
  const mortal = [...orchestrators, ...workers];
  for (const { begin } of [brokers, person, ...mortal]) begin();
  return mortal;
}
