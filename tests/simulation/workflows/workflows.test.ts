import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { killEveryStep, playShape } from './kill-every-step.ts';
import { playRunSeed } from './play-run-seed.ts';
import { runMutants } from './run-mutants.ts';
import { shapes } from './shapes.ts';

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
  for (let seed = 1; seed <= 120 && found === 0; seed++) found = playRunSeed(seed, variation).violations.length;

  expect(found).toBeGreaterThan(0);
});

test('one seed is one schedule', () => {
  expect(playRunSeed(5)).toEqual(playRunSeed(5));
  expect(playRunSeed(5).steps).not.toBe(playRunSeed(6).steps);
});

test('a seed is played by its number', () => {
  const root = join(import.meta.dirname, '../../..');
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts/simulate.ts'), '--workflows', '--seed', '3'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });

  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^seed 3: every invariant holds, \d+ steps\n$/) });
});
