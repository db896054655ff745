// Runs scripts/<name>.ts on the pinned Node, from a fresh clone if need be. Plain JavaScript for any Node from 20 on;
// no dependency, because it is what brings the dependencies.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.env.VIGIL_BOOTSTRAP_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.vigil-lock');
const misconfigured = 78;

const fail = (message) => {
  console.error(`bootstrap: ${message}`);
  process.exit(misconfigured);
};

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();

const install = () => {
  console.error('bootstrap: installing the dependencies of package-lock.json');
  const npm = process.env.npm_execpath;
  const [program, ...args] = npm ? [process.execPath, npm] : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(program, [...args, ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) fail(`npm cannot be run: ${error.message}`);
  if (status !== 0) fail(`npm ci ended with ${status}; its output above says why`);
  writeFileSync(stamp, lockHash());
};

const platformPackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const pinnedNode = () => {
  const node = join(modules, platformPackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(node)) return node;
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies ?? {};
  if (platformPackage in pinned)
    return fail(`the pinned Node (${platformPackage}) is not installed: was npm told to omit optional packages? Run: npm ci`);
  return fail(`no Node is pinned for this platform (${platformPackage}); there is: ${Object.keys(pinned).join(', ')}`);
};

const [name, ...args] = process.argv.slice(2);
const script = join(root, 'scripts', `${name}.ts`);
if (!name || !existsSync(script)) fail(`there is no scripts/${name}.ts`);
if (!isInstalled()) install();

const node = pinnedNode();
const path = [join(modules, '.bin'), process.env.PATH].join(delimiter);
const child = spawn(node, [script, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => fail(`${node}: ${error.message}`));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
