/**
 * `npm run chaos -- --plan F1,F4 | --mix --minutes N [--seed N] [--records N] [--rate N] [--rounds N] [--report FILE]`:
 * strikes a running fleet while a workload goes through it, and counts what came out. Exits 1 when anything was lost,
 * doubled, made up or out of order, or recovery took too long.
 *
 * The fleet and its stack are made anew under `chaos` in VIGIL_HOME or `.vigil`, and stopped afterwards, also when interrupted.
 */
import { join } from 'node:path';
import { needsOf, parseChaosArguments, type ChaosOptions } from '../tests/chaos/chaos-arguments.ts';
import { clearGround, openGround } from '../tests/chaos/ground.ts';
import { canMount } from '../tests/chaos/small-disks.ts';

/** Made anew by each run: never a home that somebody else's fleet may have. */
const base = join(process.env['VIGIL_HOME'] ?? join(import.meta.dirname, '../.vigil'), 'chaos');
const interrupted = 130;

async function strike(options: ChaosOptions): Promise<boolean> {
  const ground = await openGround(base, needsOf(options), (line) => console.error(line));
  try {
    // Which fleet is meant must be known before the parts that talk to it are loaded.
    Object.assign(process.env, ground.fleetSettings);
    const { runChaos } = await import('../tests/chaos/run-chaos.ts');
    return await runChaos(String(ground.fleetSettings['VIGIL_HOME']), options, ground);
  } finally {
    await ground.close();
  }
}

function stopWhenInterrupted(): void {
  const stop = (): void => {
    console.error('interrupted: stopping what was started');
    void clearGround(base).finally(() => process.exit(interrupted));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

const parsed = parseChaosArguments(process.argv.slice(2));
if (parsed.kind === 'told') {
  (parsed.code === 0 ? console.log : console.error)(parsed.text);
  process.exitCode = parsed.code;
} else if (needsOf(parsed.options).disks && !canMount()) {
  console.error('F9 needs root on Linux: it fills filesystems that it mounts. Leave F9 out of --plan, or run it as root.');
  process.exitCode = 2;
} else {
  stopWhenInterrupted();
  process.exitCode = (await strike(parsed.options)) ? 0 : 1;
}
