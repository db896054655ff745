import { beforeAll, expect, test } from '@jest/globals';
import { topics, compileReader, type AccessRecorded } from '@vigil/contracts';
import { createKafkaClient } from '@vigil/kafka';
import { drainedLedger, eventually, query, runVigil, startFleet, vigil, type StackEnv } from '../fleet/fleet.ts';
import { readTopic } from '../fleet/read-topic.ts';

interface Step {
  readonly step: string;
  readonly id?: string;
  readonly state?: string;
  readonly place?: { readonly topic: string; readonly partition: number; readonly offset: number };
}

let env: StackEnv;
beforeAll(async () => {
  env = await startFleet();
});

async function audited(reason: string): Promise<AccessRecorded[]> {
  const { name, schema } = topics.accessRecorded;
  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'trace-test' });
  const read = compileReader<AccessRecorded>(schema, schema);
  const records = await readTopic(client, name);
  await client.close();
  return records.map(({ record }) => read(record.value!, 5)).filter((event) => event.reason === reason);
}

test('a reading is followed to its rows in the warehouse by whoever gives a reason, which is recorded', async () => {
  const name = `FOLLOWED${Date.now()}`;
  const at = new Date(Date.now() - 2000).toISOString();
  const message = { device_id: name, patient_id: name, timestamp: at, measurements: { heart_rate: 71, oxygen_saturation: 97 } };
  await vigil(['send', 'readings', '-'], Buffer.from(`${JSON.stringify(message)}\n`));
  await drainedLedger();
  const [row] = await query<{ event_id: string }>(env.databaseUrl, 'SELECT event_id FROM clinical.vital_reading WHERE device_id = $1', [
    name,
  ]);
  const eventId = String(row?.event_id);

  const masked = await vigil<{ steps: Step[] }>(['trace', '--event-id', eventId]);
  expect(masked.steps.at(-1)).toMatchObject({ step: 'end', state: 'warehouse' });
  const refused = await runVigil(['trace', '--event-id', eventId, '--reveal']);
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect((await runVigil(['trace', '--event-id', eventId, '--reason', 'but nothing is revealed'])).code).toBe(2);

  const reveal = () => vigil<{ steps: Step[] }>(['trace', '--event-id', eventId, '--reveal', '--reason', name, '--as', 'Alice']);
  const { steps, rows } = await eventually('the row is in the warehouse', async () => {
    const found = (await reveal()).steps;
    const ofWarehouse = found.filter(({ step }) => step === 'warehouse row');
    return ofWarehouse.length > 0 ? { steps: found, rows: ofWarehouse } : undefined;
  });
  expect(rows.map(({ state }) => state)).toEqual(['fact_vital_reading']);
  for (const { state, id, place } of rows) {
    const found = await query(
      env.warehouseUrl,
      `SELECT src_topic, src_offset::int FROM warehouse.${state} WHERE reading_id = $1 AND src_partition = $2`,
      [id, place?.partition],
    );
    expect(found).toEqual([{ src_topic: place?.topic, src_offset: place?.offset }]);
  }
  expect(JSON.stringify(steps)).not.toContain(name);
  const accepted = steps.find(({ step }) => step === 'accepted')?.place;
  expect((await audited(name)).slice(-1)).toMatchObject([
    {
      type: 'trace',
      subtype: 'reveal',
      action: 'R',
      agent: 'alice',
      entity: accepted?.topic,
      places: [`${accepted?.partition}/${accepted?.offset}`],
    },
  ]);
});
