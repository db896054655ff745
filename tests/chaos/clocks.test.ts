import { afterAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fleet } from '@vigil/stack';
import { clockSettings, createClocks, serviceOf } from './clocks.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-clocks-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hourMs = 3_600_000;

test('a service whose clock is set goes on, tells the wrong time, and says so; others tell the right one', async () => {
  const program = join(directory, 'services/bed-watcher/src/main.mjs');
  mkdirSync(join(program, '..'), { recursive: true });
  writeFileSync(
    program,
    `setInterval(() => console.log(JSON.stringify([Date.now(), new Date().getTime(), new Date(7).getTime(), new Date() instanceof Date])), 20);`,
  );
  const clocks = createClocks(directory);
  const { VIGIL_NODE_OPTIONS: options, ...settings } = clockSettings(clocks);
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...settings, NODE_OPTIONS: options }, stdio: 'pipe' });
  const pid = Number(child.pid);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const told = async (): Promise<[number, number, number, boolean]> =>
    JSON.parse(String((await lines.next()).value)) as [number, number, number, boolean];
  try {
    const [right] = await told();
    expect(Math.abs(right - Date.now())).toBeLessThan(hourMs / 2);
    expect(clocks.told('bed-watcher', pid)).toBe(0);

    clocks.set({ 'bed-watcher': -hourMs, other: hourMs });
    while (clocks.told('bed-watcher', pid) !== -hourMs) await told();
    const [now, made, given, isDate] = await told();
    for (const time of [now, made]) expect(Math.abs(time - (Date.now() - hourMs))).toBeLessThan(hourMs / 2);
    expect([given, isDate]).toEqual([7, true]);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

test('every part of the fleet is of a service, by which its clock is set', () => {
  const services = readdirSync(join(import.meta.dirname, '../../services'));
  const parts = fleet.filter(({ role }) => role === 'service').map(({ name, main }) => [name, serviceOf(main)] as const);

  for (const [, service] of parts) expect(services).toContain(service);
  expect(Object.fromEntries(parts)).toMatchObject({
    'warehouse-loader.lake': 'warehouse-loader',
    'orchestrator-worker.batch': 'orchestrator',
  });
});
