import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { VigilError, systemClock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import { defineSettings } from '../settings/define-settings.ts';
import { integer } from '../settings/formats.ts';
import { setting } from '../settings/setting.ts';
import { keySettings, serviceSettings } from '../settings/shared-settings.ts';
import { defineEvents, event } from '../telemetry/define-events.ts';
import { field } from '../telemetry/event-fields.ts';
import type { Platform, StopSignal } from './platform.ts';
import { runService } from './run-service.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-run-'));
afterAll(() => rmSync(directory, { recursive: true }));
const keysFile = join(directory, 'keys.json');
const secretOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
writeFileSync(
  keysFile,
  JSON.stringify({
    token: { id: 't', secret: secretOf(1) },
    dataset: { id: 'd', secret: secretOf(2) },
    data: { id: 'k', secret: secretOf(3) },
  }),
  { mode: 0o600 },
);

const name = 'bed-watcher';
const settings = defineSettings(name, {
  ...serviceSettings,
  beds: setting({ env: 'VIGIL_BED_WATCHER_BEDS', schema: integer({ min: 1, max: 9 }).default(4), doc: 'beds to watch.' }),
});
const events = defineEvents(name, { looked: event({ level: 'info', message: 'looked', fields: { beds: field.count() } }) });
const env = { VIGIL_KAFKA_BROKERS: '127.0.0.1:9', VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9' };

interface Trial {
  readonly platform: Platform;
  readonly lines: Record<string, unknown>[];
  readonly said: string[];
  readonly exits: number[];
  readonly closed: string[];
  readonly signal: (signal: StopSignal) => void;
  readonly unhandled: (error: unknown) => void;
  readonly listeners: () => number;
}

const trial = (changed: Record<string, string> = {}): Trial => {
  const lines: Record<string, unknown>[] = [];
  const said: string[] = [];
  const exits: number[] = [];
  const closed: string[] = [];
  const signals = new Set<(signal: StopSignal) => void>();
  const errors = new Set<(error: unknown) => void>();
  const client = { close: () => Promise.resolve(void closed.push('kafka client')) } as unknown as KafkaClient;
  const platform: Platform = {
    env: { ...env, ...changed },
    argv: ['--target', 'lake'],
    clock: systemClock,
    logDestination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    connect: () => ({ client, registry: {} as SchemaRegistry }),
    onSignal: (listener) => {
      signals.add(listener);
      return () => signals.delete(listener);
    },
    onUnhandled: (listener) => {
      errors.add(listener);
      return () => errors.delete(listener);
    },
    say: (text) => said.push(text),
    exit: (code) => exits.push(code),
  };
  return {
    platform,
    lines,
    said,
    exits,
    closed,
    signal: (signal) => signals.forEach((listener) => listener(signal)),
    unhandled: (error) => errors.forEach((listener) => listener(error)),
    listeners: () => signals.size + errors.size,
  };
};

const messages = ({ lines }: Trial): unknown[] => lines.map(({ msg }) => msg);

test('a service starts, works, and closes what it opened in the reverse order on SIGTERM', async () => {
  const run = trial();
  const ready: (number | undefined)[] = [];

  await runService(
    { name, settings, events },
    ({ settings: { beds }, argv, events: emit, onClose, http, health, keys, engine }) => {
      emit.looked({ beds });
      http.get('/beds', (_request, response) => {
        response.json(beds);
      });
      onClose('stage', () => {
        ready.push(Number(health.report().ready));
        run.closed.push('stage');
      });
      expect([argv, keys, engine.service]).toEqual([['--target', 'lake'], null, name]);
      setImmediate(() => {
        ready.push(Number(health.report().ready));
        run.signal('SIGTERM');
      });
      return Promise.resolve();
    },
    run.platform,
  );

  expect(run.exits).toEqual([0]);
  expect(run.closed).toEqual(['stage', 'kafka client']);
  expect(ready).toEqual([1, 0]);
  expect(run.listeners()).toBe(0);
  expect(messages(run)).toEqual(['metrics and health are served', 'looked', 'started', 'stopping', 'stopped']);
  expect(run.lines[1]).toMatchObject({ service: name, event: 'looked', beds: 4 });
});

test('a service whose bounded work is done ends by itself, with exit code 0', async () => {
  const run = trial();
  await runService({ name, settings }, ({ finish }) => Promise.resolve(finish()), run.platform);
  expect(run.exits).toEqual([0]);
  expect(run.closed).toEqual(['kafka client']);
  expect(messages(run)).toEqual(expect.arrayContaining(['the work is done', 'stopped']));
});

test('bad settings are said all at once and nothing is started', async () => {
  const run = trial({ VIGIL_KAFKA_BROKERS: '', VIGIL_BED_WATCHER_BEDS: '10', VIGIL_LOG_LEVEL: 'loud' });

  await runService({ name, settings }, () => Promise.reject(new Error('must not be called')), run.platform);

  expect(run.exits).toEqual([78]);
  expect(run.lines).toEqual([]);
  for (const variable of ['VIGIL_KAFKA_BROKERS', 'VIGIL_BED_WATCHER_BEDS', 'VIGIL_LOG_LEVEL']) expect(run.said[0]).toContain(variable);
});

test('a service that asks for keys gets them, and does not start without', async () => {
  const keyed = defineSettings(name, { ...serviceSettings, ...keySettings });
  const run = trial({ VIGIL_KEYS_FILE: keysFile });
  let datasetKey = '';
  await runService(
    { name, settings: keyed },
    ({ keys, fail }) => {
      datasetKey = keys.dataset.id;
      fail(new VigilError('QUARANTINE_LIMIT'));
      return Promise.resolve();
    },
    run.platform,
  );
  const without = trial({ VIGIL_KEYS_FILE: join(directory, 'none.json') });
  await runService({ name, settings: keyed }, () => Promise.resolve(), without.platform);

  expect(datasetKey).toBe('d');
  expect(run.exits).toEqual([1]);
  expect(without.exits).toEqual([78]);
  expect(without.said[0]).toContain('none.json');
});

test('a start that fails because of the configuration ends with 78 and closes what was open', async () => {
  const run = trial();

  await runService({ name, settings }, () => Promise.reject(new VigilError('BAD_DEFINITION', { detail: 'flow.yaml:3:5.' })), run.platform);

  expect(run.exits).toEqual([78]);
  expect(run.closed).toEqual(['kafka client']);
  expect(run.said[0]).toContain('flow.yaml:3:5');
});

test('an error that nobody handled ends the service in order, without its message in log or output', async () => {
  const run = trial();

  await runService(
    { name, settings },
    () => {
      run.unhandled(new RangeError('key (name)=(Jane CANARY)'));
      return Promise.resolve();
    },
    run.platform,
  );

  expect(run.exits).toEqual([1]);
  expect(run.lines.find(({ msg }) => msg === 'stopping after a failure')).toMatchObject({ errorType: 'RangeError', level: 'error' });
  expect(`${JSON.stringify(run.lines)}${run.said.join('')}`).not.toContain('CANARY');
});

test('a second signal does not wait', async () => {
  const run = trial();

  await runService(
    { name, settings },
    ({ onClose }) => {
      onClose('slow', () => {
        run.signal('SIGINT');
      });
      run.signal('SIGINT');
      return Promise.resolve();
    },
    run.platform,
  );

  expect(run.exits[0]).toBe(1);
});

test('a part that does not close is told and makes the exit code 1', async () => {
  const run = trial({ VIGIL_SHUTDOWN_MS: '1000' });

  await runService(
    { name, settings },
    ({ onClose }) => {
      onClose('broken', () => Promise.reject(new Error('no')));
      run.signal('SIGTERM');
      return Promise.resolve();
    },
    run.platform,
  );

  expect(run.exits).toEqual([1]);
  expect(run.lines.find(({ part }) => part === 'broken')).toMatchObject({ msg: 'a part did not close in order' });
});

test('traces are sent where a collector is configured, at the latest on close', async () => {
  const paths: string[] = [];
  const collector = createServer((request, response) => {
    paths.push(request.url ?? '');
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  const { port } = collector.address() as AddressInfo;
  const run = trial({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/` });

  await runService(
    { name, settings },
    ({ observer }) => {
      observer.on({
        type: 'committed',
        stage: name,
        partition: 0,
        consumed: 1,
        counts: { processed: 1, late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0 },
        outputs: {},
        changelogRecords: 0,
        commitMs: 1,
        oldestAgeMs: 1,
      });
      run.signal('SIGTERM');
      return Promise.resolve();
    },
    run.platform,
  );
  collector.closeAllConnections();
  collector.close();

  expect(paths).toEqual(['/v1/traces']);
  expect(run.exits).toEqual([0]);
});
