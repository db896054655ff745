/**
 * `npm run prove`: the proofs that take longer than a test may. Run it in the background: it takes hours on two cores.
 *
 * Benchmarks with their reports, then the invariants of the running fleet, `npm run prove -- N` times over (3). What it
 * found is written to `docs/reference/reports/`, which is committed. Exits 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultIds } from '../tests/chaos/chaos-arguments.ts';
import { canMount } from '../tests/chaos/small-disks.ts';

interface Proof {
  readonly name: string;
  readonly args: readonly string[];
}

interface Proven extends Proof {
  readonly passed: boolean;
  readonly seconds: number;
}

const root = join(import.meta.dirname, '..');
const reports = join(root, 'docs/reference/reports');
const fleetHome = join(root, '.vigil/prove');
const cli = 'packages/cli/bin/vigil.js';

const bench = (name: string, ...args: readonly string[]): Proof => ({
  name: `bench ${name}`,
  args: ['scripts/bench.ts', name, ...args, '--report', join(reports, `bench-${name}.json`)],
});
const repeats = Number(process.argv[2] ?? 3);
if (!Number.isInteger(repeats) || repeats < 1) {
  console.error('Usage: npm run prove -- [N]; N = how often the invariants run, a whole number above 0.');
  process.exit(2);
}
const rounds = Array.from({ length: repeats }, (_, index): Proof => ({
  name: `invariants, round ${index + 1}`,
  args: ['node_modules/jest/bin/jest.js', '--runInBand', '--testTimeout=240000', 'tests/invariants'],
}));
const guides: Proof = {
  name: 'guides',
  args: ['node_modules/jest/bin/jest.js', '--runInBand', '--testTimeout=600000', 'tests/e2e'],
};
/** The property tests once more, with cases that nobody has seen. */
const properties: Proof = {
  name: 'properties, new cases',
  args: ['node_modules/jest/bin/jest.js', '--maxWorkers=2', String.raw`\.property\.test\.ts$`],
};
const simulate = (name: string, ...args: readonly string[]): Proof => ({
  name,
  args: ['scripts/simulate.ts', ...args, '--report', join(reports, `${name}.json`)],
});
const simulations = [
  simulate('simulate', '--seeds', '10000'),
  simulate('simulate-mutants', '--mutants'),
  simulate('simulate-workflows', '--workflows', '--seeds', '10000'),
  simulate('simulate-workflows-mutants', '--workflows', '--mutants'),
];
const chaos = (name: string, ...args: readonly string[]): Proof => ({
  name,
  args: ['scripts/chaos.ts', ...args, '--report', join(reports, `${name}.json`)],
});
const strikes = [
  chaos('chaos', '--plan', faultIds.filter((id) => id !== 'F9' || canMount()).join(',')),
  chaos('chaos-mix', '--mix', '--minutes', '10'),
];
/** Orchestrator and worker killed at every place of theirs; a quarter of an hour. */
const kills: Proof = {
  name: 'workflows killed everywhere',
  args: ['scripts/kill-workflows.ts', '--minutes', '15', '--report', join(reports, 'kill-workflows.json')],
};
/** On real servers of every kind: the S3 server, which takes minutes to build, and three brokers. */
const sources: Proof = {
  name: 'sources and stack',
  args: [
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    '--testTimeout=600000',
    'packages/sources',
    'packages/stack',
    'packages/batch/src/job/killed-job',
  ],
};
const proofs: readonly Proof[] = [
  properties,
  sources,
  ...simulations,
  kills,
  ...strikes,
  bench('ingest'),
  bench('windowing'),
  bench('claims', '--growth'),
  { name: 'mutated claims', args: ['scripts/fuzz-claims.ts', '--report', join(reports, 'fuzz-claims.json')] },
  bench('alerts', '--rounds', '1'),
  bench('files'),
  { name: 'file of 1 GiB', args: ['scripts/large-file.ts', '--report', join(reports, 'large-file.json')] },
  bench('workflows', '--rounds', '3', '--peer', 'airflow'),
  bench('floors'),
  guides,
  ...rounds,
];

function run(args: readonly string[]): Promise<number> {
  const env = {
    ...process.env,
    VIGIL_HOME: fleetHome,
    VIGIL_PROPERTY_SEED: 'random',
    VIGIL_BUILD_S3: '1',
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
  };
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', (code) => resolve(code ?? 1)));
}

mkdirSync(reports, { recursive: true });
rmSync(fleetHome, { recursive: true, force: true });
const proven: Proven[] = [];
for (const proof of proofs) {
  console.log(`\n▸ ${proof.name}`);
  const startedMs = performance.now();
  const passed = (await run(proof.args)) === 0;
  proven.push({ ...proof, passed, seconds: Math.round((performance.now() - startedMs) / 1000) });
}
await run([cli, 'down']);
rmSync(fleetHome, { recursive: true, force: true });

const failed = proven.filter(({ passed }) => !passed).length;
const rows = proven.map(({ name, passed, seconds }) => `| ${name} | ${passed ? 'passed' : 'FAILED'} | ${seconds} s |`);
const text = `# Last run of \`npm run prove\`\n\n${new Date().toISOString().slice(0, 10)}\n\n| proof | outcome | time |\n|---|---|---|\n${rows.join('\n')}\n`;
writeFileSync(join(reports, 'prove.md'), text);
console.log(`\n${text}\n${proven.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
