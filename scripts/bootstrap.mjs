// Runs scripts/<name>.ts on the pinned Node, from a fresh clone if need be. Plain JavaScript for any Node from 20 on;
// no dependency, because it is what brings the dependencies.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const misconfigured = 78;

const fail = (message) => {
  console.error(`bootstrap: ${message}`);
  process.exit(misconfigured);
};

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Whether every package of the lock file stands in node_modules, by the record that npm keeps there. */
const isInstalled = () => {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    const found = installed[path];
    // Packages of other platforms are optional and never installed; the pinned Node is checked by itself.
    if (found === undefined) return path === '' || wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity && found.resolved === wanted.resolved;
  });
};

const install = () => {
  console.error('bootstrap: installing the dependencies of package-lock.json');
  const npm = process.env.npm_execpath;
  const [program, ...args] = npm ? [process.execPath, npm] : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(program, [...args, ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) fail(`npm cannot be run: ${error.message}`);
  if (status !== 0) fail(`npm ci ended with ${status}; its output above says why`);
};

const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
// The same builds under another name for this one platform: its plain name is not the project's.
const platformPackage = platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`;

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
child.on('exit', (code, signal) => {
  if (code === 127) console.error('bootstrap: the pinned Node does not start; it needs libatomic (Debian: apt-get install libatomic1)');
  process.exit(signal ? 1 : (code ?? 1));
});
