/**
 * `npm run simulate -- [--seeds N] [--from N] [--workers N] [--report FILE]`: plays that many seeds and checks each.
 * `npm run simulate -- --seed N [--trace]`: plays one, and tells what happened in it.
 * `npm run simulate -- --mutants [--seeds N] [--from N] [--report FILE]`: looks for each deliberate bug until it is found.
 * With `--workflows` each of them is about runs of workflows instead of the stream; all kills of all shapes are played, too.
 *
 * Exit code 0 = every invariant held (every mutant was found), 1 = not, 2 = a call that is not as documented.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances } from '../load-tests/bench-report.ts';

// What is played is loaded by who plays it: a wrong call is told at once.
const usage = `Usage: npm run simulate -- [--seeds N] [--from N] [--workers N] [--report FILE] [--json]
       npm run simulate -- --seed N [--trace] [--json]
       npm run simulate -- --workflows [--seed N [--trace] | --mutants] [--seeds N] [--from N] [--report FILE] [--json]
       npm run simulate -- --mutants [--seeds N] [--from N] [--workers N] [--report FILE] [--json]
Example: npm run simulate -- --seed 4711 --trace`;

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0, not "${text}".`);
  return value;
}

function parse() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      report: { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      workflows: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.trace && values.seed === undefined) throw new Error('--trace goes with --seed N.');
  if (values.seed !== undefined && (values.mutants || values.seeds)) throw new Error('--seed N goes with --trace and --json only.');
  return {
    ...values,
    seeds: wholeNumber('seeds', values.seeds ?? (values.mutants ? '2000' : '1000')),
    from: wholeNumber('from', values.from),
    workers: wholeNumber('workers', values.workers),
    seed: values.seed === undefined ? null : wholeNumber('seed', values.seed),
  };
}

type Options = ReturnType<typeof parse>;

function parseOrExit(): Options {
  try {
    return parse();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const secondsSince = (startedMs: number): number => Math.round((performance.now() - startedMs) / 100) / 10;

function tell(document: object, text: string, { json, report }: Options): void {
  console.log(json ? JSON.stringify(document, null, 2) : text);
  if (!report) return;
  mkdirSync(dirname(report), { recursive: true });
  writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
}

type Trace = (atMs: number, process: string, happening: string) => void;

/** A line for each happening. @param width  of the names of processes */
function traceOf({ trace, json }: Options, width: number): Trace | undefined {
  // With --json the answer alone is on the output.
  const print = json ? console.error : console.log;
  return trace ? (atMs, process, happening) => print(`${String(atMs).padStart(7)} ms  ${process.padEnd(width)} ${happening}`) : undefined;
}

async function playOne(seed: number, options: Options): Promise<boolean> {
  const { simulateSeed } = await import('../tests/simulation/simulate-seed.ts');
  const played = await simulateSeed(seed, traceOf(options, 6));
  const lines = played.violations.map(({ invariant, detail }) => `seed ${seed}: ${invariant}: ${detail}`);
  tell(played, lines.length > 0 ? lines.join('\n') : `seed ${seed}: every invariant holds, ${played.steps} steps`, options);
  return lines.length === 0;
}

async function playMany(options: Options): Promise<boolean> {
  const { runSeeds } = await import('../tests/simulation/run/run-seeds.ts');
  const { seeds, from, workers } = options;
  const startedMs = performance.now();
  const violations = await runSeeds({
    from,
    count: seeds,
    workers,
    onProgress(played, found) {
      for (const { seed, invariant, detail } of found) console.error(`seed ${seed}: ${invariant}: ${detail}`);
      if (process.stderr.isTTY) process.stderr.write(`\r${played} of ${seeds} seeds`);
    },
  });
  const seconds = secondsSince(startedMs);
  const [first] = violations;
  const broken = new Set(violations.map(({ seed }) => seed)).size;
  const how = first
    ? `${broken} break an invariant; to see how: npm run simulate -- --seed ${first.seed} --trace`
    : 'every invariant holds';
  const document = { name: 'simulate', ...circumstances(), from, seeds, workers, violations, seconds };
  tell(document, `${seeds} seeds from ${from} in ${seconds} s: ${how}`, options);
  return broken === 0;
}

async function findMutants(options: Options): Promise<boolean> {
  const [{ detectMutants }, { mutants }] = await Promise.all([
    import('../tests/simulation/mutants/detect-mutants.ts'),
    import('../tests/simulation/mutants/mutants.ts'),
  ]);
  const { seeds, from, workers } = options;
  const startedMs = performance.now();
  const found = await detectMutants(mutants, {
    from,
    count: seeds,
    workers,
    onDetected({ name, seeds, violation }) {
      console.error(`${name}: ${violation ? `found after ${seeds} seeds (${violation.invariant})` : 'NOT FOUND'}`);
    },
  });
  const missed = found.filter(({ seeds }) => seeds === null).length;
  const document = { name: 'simulate-mutants', ...circumstances(), from, seeds, mutants: found, missed, seconds: secondsSince(startedMs) };
  tell(document, `${found.length - missed} of ${found.length} mutants found`, options);
  return missed === 0;
}

async function simulateRuns(options: Options): Promise<boolean> {
  const { simulateWorkflows } = await import('../tests/simulation/workflows/simulate-workflows.ts');
  const { document, text, isGood } = simulateWorkflows(options, (line) => console.error(line), traceOf(options, 14));
  tell({ ...circumstances(), ...document }, text, options);
  return isGood;
}

function playAsAsked(options: Options): Promise<boolean> {
  if (options.workflows) return simulateRuns(options);
  if (options.seed !== null) return playOne(options.seed, options);
  return options.mutants ? findMutants(options) : playMany(options);
}

const options = parseOrExit();
if (options.help) console.log(usage);
else process.exitCode = (await playAsAsked(options)) ? 0 : 1;
