/**
 * `npm test`: every check of the project, with a table of where the time went. The fleet's tests, which mostly wait, run beside
 * those of the code.
 * Goes on after a failing check, so that one run shows everything; exits 1 when anything failed.
 *
 * `npm test -- --only unit,types` runs the named checks.
 */
import { stackPaths, stackStatus } from '@vigil/stack';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** Where jest writes its counts; other checks count as one. */
  readonly counts?: string;
  /** The stack that it uses; without one, none or one of its own. */
  readonly home?: string;
  /** Runs beside what comes after it, one after another; its output is shown when all that has ended. */
  readonly runs?: 'beside' | 'at the end';
  readonly env?: Readonly<Record<string, string>>;
  /** Leaves the processor to what runs beside it, which mostly waits. */
  readonly yields?: boolean;
}

interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);
const reports = join(root, '.vigil/reports');
const vigil = join(root, 'packages/cli/bin/vigil.js');
/** Tests keep to themselves: what they leave behind is in no balance of the stack that `npm run demo` and `vigil` use. */
const testHome = join(root, '.vigil/tests');
/** So does the fleet of the tests: its own stack, its own topics. */
const fleetHome = join(root, '.vigil/fleet');

/**
 * Left to `npm run prove`: three brokers, which only the chaos plan needs, a halt with its restarts, kills that exact-under-faults
 * makes, too, those of workflows, which `prove` kills at every place and the simulation before and after every step, and of a job
 * into topics, whose every operation shared-transactions cuts off; and the guide that stops and starts the whole fleet.
 */
const onlyProved = [
  '/packages/stack/src/native/start-cluster\\.integration',
  '/packages/batch/src/job/killed-job\\.integration',
  '/tests/invariants/(quarantine-limit-halts|no-loss-on-crash|workflow-survives-kills)\\.',
  '/tests/e2e/guide-of-replay\\.',
];
/** Comes after all others that use the fleet. */
const stopsTheFleet = '/tests/e2e/fleet-commands\\.';
/** What the workers of `code` counted. */
const counts = join(reports, 'counts');

const jest = (name: string, ...args: readonly string[]): Check => {
  const results = join(reports, `${name}.json`);
  return { name, counts: results, command: [bin('jest'), '--json', `--outputFile=${results}`, ...args] };
};

/** Jest's workers keep much of every file that they ran; in runs of their own they stay small, and so quick. */
const shards = 8;
const codeShards = Array.from({ length: shards }, (_, index): Check => {
  const shard = `${index + 1}/${shards}`;
  const left = ['/node_modules/', '/tests/invariants/', '/tests/e2e/', ...onlyProved];
  return {
    ...jest(`code-${index + 1}`, '--maxWorkers=2', `--shard=${shard}`, '--testPathIgnorePatterns', ...left),
    home: testHome,
    yields: true,
    // `prove` draws all that the properties ask for, and other ones.
    env: { VIGIL_COVERAGE_DIR: counts, VIGIL_PROPERTY_SHARE: '0.5' },
  };
});

/** The fleet's tests begin first: they wait while the others work. */
const checks: readonly Check[] = [
  { name: 'stack', command: [process.execPath, vigil, 'stack', 'up'], home: testHome },
  {
    ...jest(
      'fleet',
      '--runInBand',
      '--testTimeout=240000',
      '--testPathIgnorePatterns',
      '/node_modules/',
      ...onlyProved,
      stopsTheFleet,
      '--testPathPatterns',
      'tests/invariants',
      'tests/e2e',
    ),
    home: fleetHome,
    runs: 'beside',
  },
  {
    ...jest('fleet-end', '--runInBand', '--testPathPatterns', stopsTheFleet),
    home: fleetHome,
    runs: 'beside',
    env: { VIGIL_COVERAGE_DIR: counts },
  },
  { name: 'types', command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'console types', command: [bin('tsc'), '--noEmit', '-p', 'packages/console'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'format', command: [bin('oxfmt'), '--check', '.'] },
  { name: 'architecture', command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'packages', 'services'] },
  ...codeShards,
  { name: 'coverage', command: [process.execPath, 'tests/coverage/report.mjs', counts], runs: 'at the end' },
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const only = values.only?.split(',');
/** `code` names all its shards. */
const isMeant = (check: Check, name: string): boolean => check.name === name || check.name.startsWith(`${name}-`);
const unknown = only?.filter((name) => !checks.some((check) => isMeant(check, name))) ?? [];
if (unknown.length > 0) {
  console.error(`Unknown check: ${unknown.join(', ')}. There are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

/** Brokers that live for minutes are not worth the second compiler; programs that start again and again are compiled once. */
const spared = { VIGIL_KAFKA_OPTS: '-XX:TieredStopAtLevel=1', NODE_COMPILE_CACHE: join(root, '.vigil/compiled') };

/** The shell's code for a program that is not there. */
const cannotStart = 127;

interface RunOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** File descriptor that takes what the command prints; without it the terminal. */
  readonly output?: 'inherit' | number;
  readonly yields?: boolean;
}

function run(command: readonly string[], { settings = {}, output = 'inherit', yields = false }: RunOptions = {}) {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...spared, ...process.env, ...settings, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
  });
  if (yields) yieldProcessor(child.pid);
  return new Promise<number>((resolve) => {
    // A check that cannot start has failed; the others go on, and what was started is stopped.
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(cannotStart);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function yieldProcessor(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or this system has no priorities: it runs as it is.
  }
}

interface JestCounts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

function countOf(check: Check, code: number): Pick<Result, 'passed' | 'failed' | 'skipped'> {
  const one = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  if (!check.counts) return one;
  try {
    const counted = JSON.parse(readFileSync(check.counts, 'utf8')) as JestCounts;
    // A suite that cannot load, or coverage below the gate, fails without a failed test: it counts as one.
    const failed = Math.max(counted.numFailedTests, counted.numFailedTestSuites, one.failed);
    return { passed: counted.numPassedTests, failed, skipped: counted.numPendingTests };
  } catch {
    // It ended before it could count.
    return { ...one, passed: 0, failed: 1 };
  }
}

const ranBefore = (await stackStatus(stackPaths({ ...process.env, VIGIL_HOME: testHome }))).some(({ state }) => state === 'running');
rmSync(fleetHome, { recursive: true, force: true });
rmSync(counts, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const began = performance.now();

async function resultOf(check: Check, output: 'inherit' | number): Promise<Result> {
  const started = performance.now();
  if (check.counts) rmSync(check.counts, { force: true });
  const settings = { ...(check.home !== undefined && { VIGIL_HOME: check.home }), ...check.env };
  const code = await run(check.command, { settings, output, ...(check.yields && { yields: true }) });
  return { name: check.name, seconds: (performance.now() - started) / 1000, ...countOf(check, code) };
}

const logOf = ({ name }: Check): string => join(reports, `${name}.log`);

/** Runs a check beside the others; what it says goes into a file until they have ended. */
async function runBeside(check: Check): Promise<Result> {
  const output = openSync(logOf(check), 'w');
  try {
    return await resultOf(check, output);
  } finally {
    closeSync(output);
  }
}

/** The fleet's checks, one after another. */
async function runFleet(checks: readonly Check[]): Promise<Result[]> {
  const ended: Result[] = [];
  try {
    for (const check of checks) ended.push(await runBeside(check));
    return ended;
  } finally {
    // A fleet at rest costs half a core, which what still runs can use.
    const output = openSync(join(reports, 'fleet-down.log'), 'w');
    await run([process.execPath, vigil, 'down'], { settings: { VIGIL_HOME: fleetHome, VIGIL_STACK: 'native' }, output });
    closeSync(output);
  }
}

const meant = checks.filter((check) => !only || only.some((name) => isMeant(check, name)));
const beside = meant.filter(({ runs }) => runs === 'beside');
const results: Result[] = [];
let besideEnded: Promise<Result[]> | undefined;

async function waitForThoseBeside(): Promise<void> {
  results.push(...((await besideEnded) ?? []));
  besideEnded = undefined;
  for (const check of beside) console.log(`\n▸ ${check.name}, which ran beside\n${readFileSync(logOf(check), 'utf8')}`);
}

async function runMeant(): Promise<void> {
  for (const check of meant) {
    if (check.runs === 'beside') {
      console.log(`\n▸ ${check.name} (beside what follows)`);
      besideEnded ??= runFleet(beside);
      // Told where it is waited for.
      besideEnded.catch(() => undefined);
      continue;
    }
    if (check.runs === 'at the end') await waitForThoseBeside();
    console.log(`\n▸ ${check.name}`);
    results.push(await resultOf(check, 'inherit'));
  }
  if (besideEnded) await waitForThoseBeside();
}

try {
  await runMeant();
} finally {
  // What this run started ends with it; a stack that ran before is somebody's.
  if (!ranBefore) await run([process.execPath, vigil, 'stack', 'down'], { settings: { VIGIL_HOME: testHome } });
}

const sum = (pick: (result: Result) => number): number => results.reduce((total, result) => total + pick(result), 0);
const line = ({ name, seconds, passed, failed, skipped }: Result): string =>
  `${name.padEnd(14)} ${seconds.toFixed(1).padStart(7)} s ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped`;
const total: Result = {
  name: 'all',
  seconds: (performance.now() - began) / 1000,
  passed: sum(({ passed }) => passed),
  failed: sum(({ failed }) => failed),
  skipped: sum(({ skipped }) => skipped),
};
console.log(`\n${[...results, total].map(line).join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
