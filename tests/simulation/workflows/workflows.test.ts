import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { killEveryStep, playShape } from './kill-every-step.ts';
import { playRunSeed } from './play-run-seed.ts';
import { runMutants } from './run-mutants.ts';
import { shapes } from './shapes.ts';
import { asMeant } from './variation.ts';

test('whoever dies, stands still or hears things twice: runs end right, and what is written outside is written by the attempt that is believed', () => {
  const violations = Array.from({ length: 80 }, (_, at) => playRunSeed(at + 1)).flatMap(({ seed, violations }) =>
    violations.map((violation) => ({ seed, ...violation })),
  );

  expect(violations).toEqual([]);
});

// Every death of every shape is played by `npm run simulate -- --workflows`.
test.each(shapes.map((shape) => [shape.name, shape] as const))(
  '%s: a death at any step changes nothing of how the run ends',
  (_name, shape) => {
    const { kills, violations } = killEveryStep(shape, { stride: 13 });

    expect(violations).toEqual([]);
    expect(kills).toBeGreaterThan(30);
  },
);

test('a death at a step is one: the play is another from there on', () => {
  const [shape] = shapes as [(typeof shapes)[number]];
  const undisturbed = playShape(shape, null);
  const pieces = undisturbed.working
    .filter((_, at) => at % 8 === 0)
    .map((piece) => playShape(shape, { piece, fate: 'die-before' }).world.scheduler.pieces());

  expect(pieces.filter((count) => count !== undisturbed.world.scheduler.pieces()).length).toBeGreaterThan(pieces.length / 2);
});

test.each(runMutants.map((mutant) => [mutant.name, mutant] as const))('the simulation finds: %s', (_name, { variation }) => {
  let found = 0;
  for (let seed = 1; seed <= 200 && found === 0; seed++) found = playRunSeed(seed, variation).violations.length;

  expect(found).toBeGreaterThan(0);
});

test('one seed is one schedule', () => {
  expect(playRunSeed(5)).toEqual(playRunSeed(5));
  expect(playRunSeed(5).steps).not.toBe(playRunSeed(6).steps);
});

const root = join(import.meta.dirname, '../../..');
const simulate = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/simulate.ts'), '--workflows', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });

test('a trace tells who did what when, and changes nothing of the play', () => {
  const lines: string[] = [];
  const traced = playRunSeed(36, asMeant, (atMs, process, happening) => void lines.push(`${atMs} ${process} ${happening}`));

  expect(traced).toEqual(playRunSeed(36));
  const steps = lines.filter((line) => / run-[01]: /.test(line));
  expect(steps[0]).toMatch(/^0 world run-0: requested → /);
  expect(steps.filter((line) => /: succeeded .* → ended: |→ .*ended: /.test(line)).length).toBeGreaterThan(1);
  for (const word of ['hands out', 'publishes run', 'begins', 'writes', 'says succeeded', 'dies', 'goes to worker'])
    expect(lines.some((line) => line.includes(word))).toBe(true);
});

test('a seed is traced by its number: each line has its time and its process', () => {
  const { status, stdout } = simulate('--seed', '3', '--trace');

  expect(status).toBe(0);
  expect(stdout).toMatch(/^ +\d+ ms {2}worker-[12] +says started \S+@1$/m);
  expect(stdout).toMatch(/^seed 3: every invariant holds, \d+ steps\n$/m);
});

test('a seed is played by its number', () => {
  const { status, stdout } = simulate('--seed', '3');

  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^seed 3: every invariant holds, \d+ steps\n$/) });
});
