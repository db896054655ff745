/**
 * `node scripts/kill-workflows.ts [--only TEXT] [--deaths N] [--minutes N] [--report FILE]`: kills orchestrator and
 * worker with SIGKILL at every place of `tests/kills/places.ts`, on a real stack, N of them in one play (1), and looks that every
 * run ends right and each effect happened once. A place that nobody reaches fails it, as does one that is not played in time.
 *
 * The stack is made anew under `kills` in VIGIL_HOME or `.vigil`, and stopped afterwards, also when interrupted.
 * Exit code 0 = good, 1 = not, 2 = a call that is not as documented.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { maxLosses } from '@vigil/workflows';
import { openGround } from '../tests/kills/ground.ts';
import { places, type Place } from '../tests/kills/places.ts';
import { runKills } from '../tests/kills/run-kills.ts';

const usage = 'Usage: node scripts/kill-workflows.ts [--only TEXT] [--deaths N] [--minutes N] [--report FILE]';
const interrupted = 130;

function parse() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      deaths: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '15' },
      report: { type: 'string' },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not "${values.minutes}".`);
  const deaths = Number(values.deaths);
  // A task whose worker dies more often than that in a row fails, as it should.
  if (!Number.isInteger(deaths) || deaths < 1 || deaths > maxLosses)
    throw new Error(`--deaths takes 1 to ${maxLosses}, not "${values.deaths}".`);
  const isMeant = ({ id, play }: Place): boolean => id.includes(values.only) || play === values.only;
  const chosen = values.only === '' ? places : places.filter(isMeant);
  if (chosen.length === 0) throw new Error(`No place is named "${values.only}".`);
  return { ...values, minutes, deaths, chosen };
}

function parseOrExit(): ReturnType<typeof parse> {
  try {
    return parse();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const options = parseOrExit();
const home = join(process.env['VIGIL_HOME'] ?? join(import.meta.dirname, '../.vigil'), 'kills');
const ground = await openGround(home, (line) => console.error(line));
const stop = (): void => void ground.close().finally(() => process.exit(interrupted));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
try {
  const { document, isGood } = await runKills(ground, options, (line) => console.log(line));
  process.exitCode = isGood ? 0 : 1;
  if (options.report) {
    mkdirSync(dirname(options.report), { recursive: true });
    writeFileSync(options.report, `${JSON.stringify(document, null, 2)}\n`);
  }
} finally {
  await ground.close();
}
