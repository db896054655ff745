// orchestrator: without arguments the orchestrator itself, with `worker --pool P[,Q]` a worker of its pools. Wiring only.
import { exitCodeOf } from '@vigil/runtime';

const [program, ...rest] = process.argv.slice(2);
try {
  // Each loads only what it is made of.
  if (program === 'worker') await (await import('./worker/run-worker.ts')).runWorker(rest);
  else await (await import('./run-orchestrator.ts')).runOrchestrator();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'An unexpected failure.'}\n`);
  process.exitCode = exitCodeOf(error);
}
