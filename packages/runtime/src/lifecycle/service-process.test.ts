import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

const directory = mkdtempSync(join(tmpdir(), 'vigil-process-'));
afterAll(() => rmSync(directory, { recursive: true }));
const keysFile = join(directory, 'keys.json');
const key = (id: string, byte: number) => ({ id, secret: Buffer.alloc(32, byte).toString('base64') });
writeFileSync(keysFile, JSON.stringify({ token: key('t', 1), dataset: key('d', 2), data: key('k', 3) }), { mode: 0o600 });

const program = fileURLToPath(new URL('../../fixtures/bed-watcher.ts', import.meta.url));
const good = { VIGIL_KAFKA_BROKERS: '127.0.0.1:9', VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9', VIGIL_KEYS_FILE: keysFile };

interface Ended {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
}

/** Runs the fixture; sends `signal` once it logs that it is started. */
function run(
  env: Record<string, string>,
  { args = [], signal }: { args?: readonly string[]; signal?: NodeJS.Signals } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (signal !== undefined && chunk.toString().includes('"started"')) child.kill(signal);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const lines = stdout.split('\n').filter(Boolean);
      resolve({ code, stderr, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) });
    });
  });
}

test('a process with bad settings lists all of them on standard error and exits with 78', async () => {
  const { code, stderr, lines } = await run({
    ...good,
    VIGIL_KAFKA_BROKERS: 'localhost',
    VIGIL_SCHEMA_REGISTRY_URL: '',
    VIGIL_BED_WATCHER_BEDS: '1',
    VIGIL_BED_WATCHER_PILLOWS: '7',
  });

  expect(code).toBe(78);
  expect(lines).toEqual([]);
  for (const problem of [
    'VIGIL_KAFKA_BROKERS is not a list like host:9092,host:9093 (it is "localhost").',
    'VIGIL_SCHEMA_REGISTRY_URL is missing.',
    'VIGIL_BED_WATCHER_BEDS, VIGIL_BED_WATCHER_NURSES do not fit: more nurses than beds. Add beds.',
    'VIGIL_BED_WATCHER_PILLOWS is not a setting.',
  ]) {
    expect(stderr).toContain(problem);
  }
});

test('on SIGTERM a process closes its parts last opened first and exits with 0', async () => {
  const { code, lines, stderr } = await run(good, { args: ['--target', 'lake'], signal: 'SIGTERM' });

  expect(lines.map(({ msg }) => msg)).toEqual([
    'metrics and health are served',
    'arguments',
    'started',
    'stopping',
    'second is closed',
    'first is closed',
    'stopped',
  ]);
  expect(lines[1]).toMatchObject({ count: 2, service: 'bed-watcher' });
  expect([code, stderr]).toEqual([0, '']);
});

test('a promise that nobody handles is logged without its message, and the process exits with 1', async () => {
  const { code, lines, stderr } = await run(good, { args: ['--lose-promise'] });

  expect(code).toBe(1);
  expect(lines.some(({ msg }) => msg === 'first is closed')).toBe(true);
  expect(`${JSON.stringify(lines)}${stderr}`).not.toContain('CANARY');
});

test('what a process compiled is kept for its successor, also when it is killed', async () => {
  const kept = join(directory, 'compiled');

  await run({ ...good, NODE_COMPILE_CACHE: kept }, { signal: 'SIGKILL' });

  expect(readdirSync(kept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).not.toEqual([]);
});
