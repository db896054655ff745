// Jobs a second of graphile-worker, each one durable and doing nothing: node graphile-bench.mjs DATABASE_URL JOBS DIRECTORY
// DIRECTORY holds its node_modules; it is no dependency of the fleet.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [url, jobsText, directory] = process.argv.slice(2);
const jobs = Number(jobsText);
const { Logger, makeWorkerUtils, run } = createRequire(join(directory, 'package.json'))('graphile-worker');
const logger = new Logger(() => () => undefined);

const utils = await makeWorkerUtils({ connectionString: url, logger });
await utils.migrate();
let done = 0;
const { promise, resolve } = Promise.withResolvers();
const startedMs = performance.now();
// Like runs of a workflow: asked for in hundreds, while the workers are at work.
const runner = await run({
  connectionString: url,
  concurrency: 24,
  maxPoolSize: 24,
  pollInterval: 100,
  noHandleSignals: true,
  logger,
  taskList: {
    nothing: async () => {
      if (++done === jobs) resolve();
    },
  },
});
for (let at = 0; at < jobs; at += 600)
  await utils.addJobs(Array.from({ length: Math.min(600, jobs - at) }, () => ({ identifier: 'nothing', payload: {} })));
await promise;
const seconds = (performance.now() - startedMs) / 1000;
process.stdout.write(`${JSON.stringify({ jobs, seconds, jobsPerSecond: Math.round(jobs / seconds) })}\n`);
await runner.stop();
await utils.release();
