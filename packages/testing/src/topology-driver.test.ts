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
