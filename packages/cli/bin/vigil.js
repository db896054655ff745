#!/usr/bin/env node
// Plain JavaScript that any Node from 20 on can read: the sources are TypeScript and need the pinned Node.
import { spawn } from 'node:child_process';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pinnedMajor = 26;

if (Number(process.versions.node.split('.')[0]) >= pinnedMajor) {
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vigil', 'compiled'));
  await import('../src/main.ts');
} else {
  const child = spawn(pinnedNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
}

function pinnedNode() {
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`;
  try {
    const manifest = module.createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    console.error(`vigil needs Node ${pinnedMajor}, this is ${process.version}, and the package ${name} is not installed. Run: npm ci`);
    process.exit(78);
  }
}
