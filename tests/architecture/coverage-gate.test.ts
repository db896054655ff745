import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
let project: string;

beforeAll(() => {
  mkdirSync(join(root, '.vigil'), { recursive: true });
  project = mkdtempSync(join(root, '.vigil/coverage-gate-'));
  mkdirSync(join(project, 'packages/sample/src'), { recursive: true });
  writeFileSync(
    join(project, 'jest.config.js'),
    `import shared from ${JSON.stringify(join(root, 'jest.config.js'))};\n` +
      `export default { ...shared, rootDir: ${JSON.stringify(project)}, modulePathIgnorePatterns: [] };\n`,
  );
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(project, 'packages/sample/src/sign.ts'),
    `export function sign(value: number): string {\n  if (value < 0) {\n    return 'minus';\n  }\n  return 'plus';\n}\n`,
  );
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Exit code and output of jest with the project's own gate over a sample that calls `sign` with these values. */
function gate(...values: readonly number[]): { status: number | null; text: string } {
  writeFileSync(
    join(project, 'packages/sample/src/sign.test.ts'),
    `import { expect, test } from '@jest/globals';\nimport { sign } from './sign.ts';\n` +
      `test('sign', () => { for (const value of ${JSON.stringify(values)}) expect(typeof sign(value)).toBe('string'); });\n`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), '--coverage', '-w', '1'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
  });
  return { status, text: stdout + stderr };
}

test('an uncovered branch lowers the figure and fails the gate', () => {
  const { status, text } = gate(1);

  expect(text).toContain('Coverage for branches (50%) does not meet');
  expect(status).not.toBe(0);
});

test('full coverage passes the gate', () => {
  expect(gate(1, -1)).toMatchObject({ status: 0 });
});
