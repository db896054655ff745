import { expect, test } from '@jest/globals';
import { topics, type ParametersChanged, type TroubleRaised } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createValueDecoder } from '../codec/value-decoder.ts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { openParametersIndex, silentParameters, type ParametersUse } from './parameters-index.ts';
import { readParameters } from './read-parameters.ts';
import { tellRefused } from './tell-refused.ts';

const { parametersChanged, troubleRaised } = topics;
const row = (version: number, definition: string, workflow = 'w'): ParametersChanged => ({
  workflow,
  version,
  sha256: '',
  definition,
  deployedAt: 0,
  deployedBy: '',
  inForceFrom: {},
});
const use = (over: Partial<ParametersUse<{ text: string }>> = {}): ParametersUse<{ text: string }> => ({
  workflow: 'w',
  open: () => ({ text: 'of the file' }),
  take(view, text) {
    if (text === 'bad') throw new VigilError('BAD_DEFINITION');
    if (text === 'broken') throw new TypeError('ours');
    view.text = text;
  },
  observer: silentParameters,
  ...over,
});

test('the last version that can be worked by is in force; until there is one, what the file says', () => {
  const told: string[] = [];
  const observer = {
    inForce: (version: number) => void told.push(`+${version}`),
    refused: (version: number) => void told.push(`-${version}`),
  };
  const index = openParametersIndex(use({ observer }));
  expect(index.view.text).toBe('of the file');
  for (const [version, text] of [
    [1, 'one'],
    [2, 'two'],
    [3, 'bad'],
    [1, 'one'],
  ] as const)
    index.put('', row(version, text));
  index.put('', row(9, 'another', 'other'));
  index.put('', null);

  expect(index.view.text).toBe('one');
  expect(told).toEqual(['+1', '+2', '-3', '+1']);
});

test('a fault of our own is no refusal', () => {
  expect(() => openParametersIndex(use()).put('', row(1, 'broken'))).toThrow('ours');
});

const openWorld = () => {
  const broker = createMemoryBroker({ clock: { now: () => 0 } });
  const registry = createMemoryRegistry();
  for (const { schema } of [parametersChanged, troubleRaised]) registry.register(schema);
  const client = broker.connect();
  return { broker, registry, client };
};

test('who is no stage reads what is in force, and without the topic what the file says', async () => {
  const { broker, registry, client } = openWorld();
  expect((await readParameters(client, registry, use())).text).toBe('of the file');
  broker.createTopic(parametersChanged.name, 1);
  const encode = createValueEncoder(parametersChanged.schema, registry.register(parametersChanged.schema));
  const producer = await client.openIdempotentProducer();
  const values = [row(1, 'one'), row(2, 'two')].map(encode);
  await producer.send(
    [...values, null].map((value) => ({ topic: parametersChanged.name, partition: 0, key: null, value, headers: [], timestamp: null })),
  );

  expect((await readParameters(client, registry, use())).text).toBe('two');
});

test('a refused version is told to engineering once, and cleared when a later one is in force', async () => {
  const { broker, registry, client } = openWorld();
  broker.createTopic(troubleRaised.name, 1);
  const failures: unknown[] = [];
  const options = { client, registry, clock: { now: () => 7 }, stage: 's', workflow: 'w', observer: silentParameters };
  const observer = tellRefused({ ...options, onFailed: (error) => void failures.push(error), settleMs: 20 });
  // As a start reads what was overtaken long ago.
  observer.refused(1, new VigilError('BAD_DEFINITION'));
  observer.inForce(1);
  observer.refused(2, new VigilError('BAD_DEFINITION'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  observer.inForce(3);
  observer.inForce(4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const decode = createValueDecoder(troubleRaised.schema, { ...registry, cached: () => troubleRaised.schema });
  const { records } = broker.log({ topic: troubleRaised.name, partition: 0 }).read(0, Number.POSITIVE_INFINITY);

  expect([...records].map(({ value }) => decode(value as Buffer) as TroubleRaised)).toMatchObject([
    {
      troubleId: 'parameters-refused/s/w/2',
      change: 'raised',
      kind: 'parameters-refused',
      code: 'BAD_DEFINITION',
      counts: { version: 2 },
      detectedAt: 7,
    },
    { troubleId: 'parameters-refused/s/w/2', change: 'cleared', clearedAt: 7 },
  ]);
  expect(failures).toEqual([]);
});

test('a trouble that cannot be told is told to the service’s log', async () => {
  const { registry, client } = openWorld();
  const failed = Promise.withResolvers<unknown>();
  const observer = tellRefused({
    client,
    registry,
    clock: { now: () => 7 },
    stage: 's',
    workflow: 'w',
    observer: silentParameters,
    onFailed: failed.resolve,
    settleMs: 0,
  });
  observer.refused(2, new VigilError('BAD_DEFINITION'));

  expect(await failed.promise).toMatchObject({ code: 'TOPIC_MISSING' });
});
