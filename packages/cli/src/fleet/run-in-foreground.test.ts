import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, stackPaths, type FleetPart } from '@vigil/stack';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { repositoryRoot } from '@vigil/stack';
import { runInForeground } from './run-in-foreground.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-foreground-'));
const paths = stackPaths({ VIGIL_HOME: join(directory, 'home') });
const elsewhere = {
  VIGIL_KAFKA_BROKERS: '127.0.0.1:1',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:2',
  VIGIL_DATABASE_URL: 'postgresql://u@127.0.0.1:3/d',
  VIGIL_REDIS_URL: 'redis://127.0.0.1:4',
};

beforeAll(async () => {
  await startStack({ environment: elsewhere, paths });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const part = (name: string, script: string): FleetPart => {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(file, script);
  return {
    name,
    main: relative(repositoryRoot, file),
    args: [],
    ports: ['deidentifier.admin'],
    readyPath: '/',
    niceness: 0,
    role: 'service',
  };
};

const start = (parts: readonly FleetPart[]) => {
  const lines: string[] = [];
  const signals = new EventEmitter() as NodeJS.Process & EventEmitter;
  const finished = runInForeground(parts, { paths, write: (line) => lines.push(line), signals });
  return { lines, signals, finished };
};

/** Says where Kafka is only once it listens for the signal. */
const stays = (name: string) =>
  part(
    name,
    `process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
     setInterval(() => {}, 1000);
     console.log(process.env.VIGIL_KAFKA_BROKERS);`,
  );

test('a signal stops every service, each with the time to drain', async () => {
  const { lines, signals, finished } = start([stays('one'), stays('two')]);
  while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  signals.emit('SIGINT');
  expect(await finished).toBe(0);
  expect(lines.toSorted()).toEqual(['[one] 127.0.0.1:1', '[one] drained', '[two] 127.0.0.1:1', '[two] drained']);
});

test('when one ends, all end, with its code', async () => {
  const { lines, finished } = start([stays('one'), part('two', `setTimeout(() => process.exit(7), 300);`)]);
  expect(await finished).toBe(7);
  expect(lines).toContain('two ended: 7');
});

test('one that was killed is a failure', async () => {
  const { lines, finished } = start([part('two', `process.kill(process.pid, 'SIGKILL');`)]);
  expect(await finished).toBe(1);
  expect(lines).toEqual(['two ended: SIGKILL']);
});
