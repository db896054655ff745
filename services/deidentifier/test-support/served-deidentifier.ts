import { systemClock } from '@vigil/core';
import { dlqTopicOf, retryTopicOf, topics } from '@vigil/contracts';
import { runTopology, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { runService, type Platform } from '@vigil/runtime';
import { watchSchemas } from '../src/adapters/watch-schemas.ts';
import { settings } from '../src/config.ts';
import { events } from '../src/events.ts';
import { openDatasets } from '../src/open-datasets.ts';
import { createTopology, groupOf, plans } from '../src/topology.ts';
import { rules } from './samples.ts';

export interface Served {
  readonly lines: Record<string, unknown>[];
  /** Text of a route of the admin server. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
  /** SIGTERM; resolves with the exit code. */
  readonly stop: () => Promise<number>;
}

/** Runs the service as `main.ts` does, in this process and against a given broker. */
export async function serveDeidentifier(keysFile: string, connect: () => KafkaClient, registry: SchemaRegistry): Promise<Served> {
  const lines: Record<string, unknown>[] = [];
  const exited = Promise.withResolvers<number>();
  const started = Promise.withResolvers<void>();
  let terminate = (): void => {};
  const platform: Platform = {
    env: { VIGIL_KAFKA_BROKERS: 'given:1', VIGIL_SCHEMA_REGISTRY_URL: 'http://given', VIGIL_KEYS_FILE: keysFile },
    argv: [],
    clock: systemClock,
    logDestination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    connect: () => ({ client: connect(), registry }),
    onSignal: (listener) => {
      terminate = () => listener('SIGTERM');
      return () => {};
    },
    onUnhandled: () => () => {},
    say: (text) => lines.push({ said: text }),
    exit: (code) => {
      exited.resolve(code);
      started.reject(new Error(`ended with ${code}`));
    },
  };
  void runService(
    { name: 'deidentifier', settings, events },
    async ({ settings: { mode, ...own }, keys, client, observer, engine, supervise, events: emit }) => {
      const topology = createTopology({ mode, datasets: openDatasets(keys, { mode, ...own }), rules });
      const watched = watchSchemas(registry, plans, emit.fieldWithoutRule);
      supervise(groupOf(mode), await runTopology(topology, { client, registry: watched, observer, settings: engine }));
      started.resolve();
    },
    platform,
  );
  await started.promise;
  const port = lines.find((line) => line['port'] !== undefined)?.['port'] as number;
  return {
    lines,
    get: async (path) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: await response.text() };
    },
    stop: () => {
      terminate();
      return exited.promise;
    },
  };
}

/** Everything that the group reads or writes, under its own names. */
export const topicsOfDeidentifier = (): readonly { readonly name: string; readonly cleanup: string }[] => [
  ...plans.flatMap(({ source: { name, cleanup }, target }) => [
    { name, cleanup },
    { name: dlqTopicOf(name, 'deidentifier'), cleanup: 'delete' },
    { name: retryTopicOf(name, 'deidentifier'), cleanup: 'delete' },
    { name: target.name, cleanup: target.cleanup },
  ]),
  { name: topics.batchProgressed.name, cleanup: 'delete' },
];
