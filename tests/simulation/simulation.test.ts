import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const patienceMs = 240_000;

/** In a process of its own, as a person runs it: neither jest's modules nor its counting of branches slow the schedules down. */
function simulate(...args: readonly string[]): { readonly status: number | null; readonly output: string; readonly errors: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/simulate.ts'), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: patienceMs,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, output: stdout, errors: stderr };
}

test(
  'whatever the schedule, every invariant holds',
  () => {
    const { status, output, errors } = simulate('--seeds', '200', '--workers', '1', '--json');

    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(JSON.parse(output)).toMatchObject({ from: 1, seeds: 200, violations: [] });
  },
  patienceMs,
);

test(
  'one seed is one schedule: twice the same gives the same trace, another gives another',
  () => {
    const [first, second, other] = [
      simulate('--seed', '5', '--trace'),
      simulate('--seed', '5', '--trace'),
      simulate('--seed', '6', '--trace'),
    ];

    expect(first.output.split('\n').length).toBeGreaterThan(200);
    expect(first.output).toContain('seed 5: every invariant holds');
    expect(second.output).toBe(first.output);
    expect(other.output).not.toBe(first.output);
  },
  patienceMs,
);

test.each([
  [['--trace'], '--trace goes with --seed N.'],
  [['--seeds', 'many'], '--seeds takes a whole number above 0, not "many".'],
  [['--seed', '1', '--mutants'], '--seed N goes with'],
  [['--unknown'], 'Usage:'],
])('a call that is not as documented is told so: %s', (args, text) => {
  const { status, errors } = simulate(...args);

  expect(status).toBe(2);
  expect(errors).toContain(text);
});
