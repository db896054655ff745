/**
 * `node scripts/kill-workflows.ts [--only TEXT] [--minutes N] [--report FILE]`: kills orchestrator and
 * worker with SIGKILL at every place of `tests/kills/places.ts`, on a real stack, each in a play of its own, and looks that every
 * run ends right and each effect happened once. A place that nobody reaches fails it, as does one that is not played in time.
 *
 * The stack is made anew under `kills` in VIGIL_HOME or `.vigil`, and stopped afterwards, also when interrupted.
 * Exit code 0 = good, 1 = not, 2 = a call that is not as documented.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances } from '../load-tests/bench-report.ts';
import { openGround, type Ground } from '../tests/kills/ground.ts';
import { judgeKills, type PlayedPlace } from '../tests/kills/judge-kills.ts';
import { killAt, playUndisturbed } from '../tests/kills/kill-everywhere.ts';
import { places, type Place } from '../tests/kills/places.ts';

const usage = 'Usage: node scripts/kill-workflows.ts [--only TEXT] [--minutes N] [--report FILE]';
const interrupted = 130;

function parse() {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, minutes: { type: 'string', default: '15' }, report: { type: 'string' } },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not "${values.minutes}".`);
  const isMeant = ({ id, play }: Place): boolean => id.includes(values.only) || play === values.only;
  const chosen = values.only === '' ? places : places.filter(isMeant);
  if (chosen.length === 0) throw new Error(`No place is named "${values.only}".`);
  return { ...values, minutes, chosen };
}

function parseOrExit(): ReturnType<typeof parse> {
  try {
    return parse();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const { minutes, report, chosen } = parseOrExit();
const startedMs = performance.now();
const seconds = (): number => Math.round((performance.now() - startedMs) / 1000);

async function killAll(ground: Ground): Promise<PlayedPlace[]> {
  const played: PlayedPlace[] = [];
  for (const [number, place] of chosen.entries()) {
    if (seconds() > minutes * 60) break;
    const one = await killAt(ground, place, `kills_${number}`);
    played.push(one);
    const how = one.problems.length > 0 ? one.problems.join('; ') : 'right';
    console.log(`${String(number + 1).padStart(3)}/${chosen.length}  ${one.seconds.toFixed(1).padStart(5)} s  ${place.id}: ${how}`);
  }
  return played;
}

function tell(undisturbed: readonly string[], played: readonly PlayedPlace[], reached: ReadonlySet<string>): boolean {
  const { isGood, ...verdict } = judgeKills({ places: chosen, played, reached: chosen === places ? reached : new Set() });
  for (const problem of undisturbed) console.log(problem);
  for (const id of verdict.unreached) console.log(`nobody was killed at: ${id}`);
  for (const id of verdict.unlisted) console.log(`not in the list of places: ${id}`);
  for (const { id, problem } of verdict.wrong) console.log(`${id}: ${problem}`);
  const isRight = isGood && undisturbed.length === 0;
  console.log(
    `${played.length} of ${chosen.length} places in ${seconds()} s: ${isRight ? 'every run ended right' : 'NOT every run ended right'}`,
  );
  if (!report) return isRight;
  const document = {
    name: 'kill-workflows',
    ...circumstances(),
    places: chosen.length,
    undisturbed,
    ...verdict,
    played,
    seconds: seconds(),
  };
  mkdirSync(dirname(report), { recursive: true });
  writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
  return isRight;
}

const home = join(process.env['VIGIL_HOME'] ?? join(import.meta.dirname, '../.vigil'), 'kills');
const ground = await openGround(home, (line) => console.error(line));
const stop = (): void => void ground.close().finally(() => process.exit(interrupted));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
try {
  const undisturbed = await playUndisturbed(ground);
  const played = undisturbed.length === 0 ? await killAll(ground) : [];
  process.exitCode = tell(undisturbed, played, ground.reached()) ? 0 : 1;
} finally {
  await ground.close();
}
