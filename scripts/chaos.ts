/**
 * `npm run chaos -- --plan F1,F4 | --mix --minutes N [--seed N] [--records N] [--rate N] [--rounds N] [--report FILE]`:
 * strikes a running fleet while a workload goes through it, and counts what came out. Exits 1 when anything was lost,
 * doubled, made up or out of order, or recovery took too long.
 *
 * The fleet is one of its own, under VIGIL_HOME or `.vigil/chaos`, and is stopped afterwards.
 */
import { startCluster, stackPaths } from '@vigil/stack';
import { join } from 'node:path';
import { needsCluster, parseChaosArguments, type ChaosOptions } from '../tests/chaos/chaos-arguments.ts';

const home = join(process.env['VIGIL_HOME'] ?? join(import.meta.dirname, '../.vigil/chaos'));

/** Which fleet and which brokers are meant must be known before the parts that talk to them are loaded. */
async function strike(options: ChaosOptions): Promise<boolean> {
  if (!needsCluster(options)) {
    process.env['VIGIL_HOME'] = home;
    const { runChaos } = await import('../tests/chaos/run-chaos.ts');
    return runChaos(home, options);
  }
  const ofThree = `${home}-three-brokers`;
  process.env['VIGIL_HOME'] = ofThree;
  const cluster = await startCluster({ paths: stackPaths(), progress: (line) => console.error(line) });
  try {
    process.env['VIGIL_KAFKA_BROKERS'] = cluster.brokers;
    const { runChaos } = await import('../tests/chaos/run-chaos.ts');
    return await runChaos(ofThree, options, cluster);
  } finally {
    await cluster.stop();
  }
}

const parsed = parseChaosArguments(process.argv.slice(2));
if (parsed.kind === 'told') {
  (parsed.code === 0 ? console.log : console.error)(parsed.text);
  process.exitCode = parsed.code;
} else {
  process.exitCode = (await strike(parsed.options)) ? 0 : 1;
}
