/**
 * `npm run chaos -- --plan F1,F4 | --mix --minutes N [--seed N] [--records N] [--rate N] [--rounds N] [--report FILE]`:
 * strikes a running fleet while a workload goes through it, and counts what came out. Exits 1 when anything was lost,
 * doubled, made up or out of order, or recovery took too long.
 *
 * The fleet is one of its own, under VIGIL_HOME or `.vigil/chaos`, and is stopped afterwards.
 */
import { join } from 'node:path';
import { parseChaosArguments } from '../tests/chaos/chaos-arguments.ts';

const home = (process.env['VIGIL_HOME'] ??= join(import.meta.dirname, '../.vigil/chaos'));
const parsed = parseChaosArguments(process.argv.slice(2));
if (parsed.kind === 'told') {
  (parsed.code === 0 ? console.log : console.error)(parsed.text);
  process.exitCode = parsed.code;
} else {
  // Which fleet is meant must be known before the parts that talk to it are loaded.
  const { runChaos } = await import('../tests/chaos/run-chaos.ts');
  process.exitCode = (await runChaos(home, parsed.options)) ? 0 : 1;
}
