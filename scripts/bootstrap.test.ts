import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'vigil-bootstrap-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const platformPackage = `node-${process.platform}-${process.arch}`;
const write = (file: string, value: unknown): void =>
  writeFileSync(join(root, file), typeof value === 'string' ? value : JSON.stringify(value));

/** A package manager that notes how it was called and "installs" by writing npm's own record. */
const npm = `import { appendFileSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
appendFileSync('npm.calls', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('refuse')) process.exit(3);
mkdirSync('node_modules', { recursive: true });
copyFileSync('package-lock.json', 'node_modules/.package-lock.json');`;

const lock = (version: string) => ({
  packages: {
    '': { name: 'x' },
    'node_modules/a': { version, integrity: 'sha512-a' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  },
});

beforeAll(() => {
  mkdirSync(join(root, 'scripts'));
  copyFileSync(new URL('bootstrap.mjs', import.meta.url), join(root, 'scripts/bootstrap.mjs'));
  write(
    'scripts/probe.ts',
    `const given: string[] = process.argv.slice(2); console.log(JSON.stringify(given)); process.exit(given.length === 0 ? 5 : 0);`,
  );
  write('npm.mjs', npm);
  write('package.json', { type: 'module', optionalDependencies: { [platformPackage]: '26.10.0' } });
  write('package-lock.json', lock('1.0.0'));
});

const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/bootstrap.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], npm_execpath: join(root, 'npm.mjs') },
  });
const installPinnedNode = (): void => {
  mkdirSync(join(root, 'node_modules', platformPackage, 'bin'), { recursive: true });
  symlinkSync(process.execPath, join(root, 'node_modules', platformPackage, 'bin', 'node'));
};

test('installs what the lock file says, once, and names the pinned Node where it is missing', () => {
  const first = run('probe');
  expect(first).toMatchObject({ status: 78, stdout: '' });
  expect(first.stderr).toContain('installing the dependencies of package-lock.json');
  expect(first.stderr).toContain(`the pinned Node (${platformPackage}) is not installed`);
  installPinnedNode();
  const second = run('probe', '--report', 'a b');
  expect(second).toMatchObject({ status: 0, stdout: '["--report","a b"]\n', stderr: '' });
});

test('the exit code of the script is that of the command', () => {
  expect(run('probe')).toMatchObject({ status: 5 });
});

test('installs anew when the lock file changed, and says when that fails', () => {
  write('package-lock.json', lock('2.0.0'));
  write('refuse', '');
  expect(run('probe', 'x')).toMatchObject({ status: 78, stderr: expect.stringContaining('npm ci ended with 3') });
  rmSync(join(root, 'refuse'));
  expect(run('probe', 'x')).toMatchObject({ status: 0, stderr: expect.stringContaining('installing') });
  expect(run('probe', 'x')).toMatchObject({ status: 0, stderr: '' });
});

test('a platform without a pinned Node is told which ones there are', () => {
  write('package.json', { type: 'module', optionalDependencies: { 'node-plan9-x64': '26.10.0' } });
  rmSync(join(root, 'node_modules', platformPackage), { recursive: true });
  expect(run('probe', 'x')).toMatchObject({ status: 78, stderr: expect.stringContaining('there is: node-plan9-x64') });
});

test('a script that does not exist is named', () => {
  expect(run('nothing')).toMatchObject({ status: 78, stderr: expect.stringContaining('there is no scripts/nothing.ts') });
});
