import { expect, test } from '@jest/globals';
import { schemas, topics, type PatientChanged } from '@vigil/contracts';
import { duplicate, emit, processed } from '@vigil/core';
import { defineTopology, keyedStore, sink, source, type Handler, type KeyedView } from '@vigil/kafka';
import { drive } from './topology-driver.ts';

interface Seen {
  readonly patientToken: string;
}

const aPatient = (patientToken: string, over: Partial<PatientChanged> = {}): PatientChanged => ({
  ...(Object.fromEntries(
    (schemas.patientChanged as { fields: readonly { name: string; default?: unknown }[] }).fields.map(({ name, default: value }) => [
      name,
      value ?? null,
    ]),
  ) as unknown as PatientChanged),
  patientToken,
  ...over,
});

const seen = keyedStore<Seen>({
  schema: { type: 'record', name: 'Seen', fields: [{ name: 'patientToken', type: 'string' }] },
  clone: (value) => ({ ...value }),
});

const passOnce: Handler<PatientChanged, { readonly seen: KeyedView<Seen> }> = ({ value }, { stores }) => {
  const { patientToken } = value;
  if (stores.seen.get(patientToken)) return duplicate;
  stores.seen.put(patientToken, { patientToken });
  return processed([emit({ name: 'out' }, patientToken, value)]);
};

const passing = defineTopology({
  name: 'device-ingest',
  stores: { seen },
  sources: [source(topics.patientChanged, passOnce)],
  sinks: [sink({ ...topics.patientChanged, name: 'out' })],
});

test('what is piped in is read out, once, also after a restart', async () => {
  const driver = drive(passing);
  await driver.pipe(
    topics.patientChanged,
    { key: 'a', value: aPatient('a') },
    { key: 'a', value: aPatient('a') },
    { key: 'b', value: aPatient('b') },
  );
  await driver.restart();
  await driver.pipe(topics.patientChanged, { key: 'b', value: aPatient('b') });

  expect(driver.read<PatientChanged>({ name: 'out' }).map(({ patientToken }) => patientToken)).toEqual(['a', 'b']);
  const sum = (field: 'consumed' | 'processed' | 'duplicate') => driver.ledger().reduce((total, row) => total + row[field], 0);
  expect([sum('consumed'), sum('processed'), sum('duplicate')]).toEqual([4, 2, 2]);
  expect(driver.health().drained).toBe(true);
});

test('a driver tells what it was asked wrongly, and takes bytes, text and headers as they are', async () => {
  const driver = drive(passing, { partitions: 3 });
  expect(() => driver.health()).toThrow('nothing was piped');
  expect(() => driver.read({ name: 'elsewhere' })).toThrow('does not write elsewhere');
  await driver.pipe(
    topics.patientChanged,
    { key: null, value: 'text', headers: { mine: 'x' } },
    { key: 'a', value: Buffer.of(1), partition: 2, timestamp: 7 },
    { key: 'a', value: aPatient('a'), partition: 1 },
  );

  expect(
    driver
      .quarantined()
      .map(({ partition, code, key, value, headers }) => [partition, code, key?.toString(), value?.toString(), headers['mine']]),
  ).toEqual([
    [0, 'MALFORMED_AVRO', undefined, 'text', 'x'],
    [2, 'MALFORMED_AVRO', 'a', '\u0001', undefined],
  ]);
  expect(driver.records({ name: 'out' })).toMatchObject([{ partition: 1, key: 'a', value: { patientToken: 'a' } }]);
});

test('a topology that never comes to rest is told apart from one that is slow', async () => {
  const driver = drive(passing, {
    faults: (operation) => (operation === 'commit:before' ? 'fail' : null),
    settings: { retryBaseMs: 0, retryCapMs: 0 },
    mostRounds: 50,
  });

  await expect(driver.pipe(topics.patientChanged, { key: 'a', value: aPatient('a') })).rejects.toThrow(/rest/);
});

test('an operation can be made to fail by any error', async () => {
  const driver = drive(passing, { faults: (operation) => (operation === 'commit:before' ? new SyntaxError('odd') : null) });

  await expect(driver.pipe(topics.patientChanged, { key: 'a', value: aPatient('a') })).rejects.toThrow('odd');
});

test('a process that dies while it starts is started again', async () => {
  let died = false;
  const driver = drive(passing, { faults: (operation) => (operation === 'join' && !died ? ((died = true), 'crash') : null) });
  await driver.pipe(topics.patientChanged, { key: 'a', value: aPatient('a') });

  expect(driver.read({ name: 'out' })).toHaveLength(1);
});
