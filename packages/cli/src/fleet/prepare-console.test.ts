import { expect, test } from '@jest/globals';
import { prepareConsole } from './prepare-console.ts';

const directory = '/dist';

test('a build is told of, none is not, and one that fails stops nothing', async () => {
  const said: string[] = [];
  const progress = (line: string): void => void said.push(line);
  await prepareConsole(progress, async () => ({ directory, outcome: 'unchanged' }));
  await prepareConsole(progress, async () => ({ directory, outcome: 'built' }));
  await prepareConsole(progress, async () => {
    throw new Error(`vite ended with 1 ${'.'.repeat(1000)}`);
  });
  expect(said.map((line) => line.slice(0, 68))).toEqual([
    'console built',
    'the console is not served, its build failed: vite ended with 1 .....',
  ]);
  expect(said.at(-1)?.length).toBeLessThan(600);
});
