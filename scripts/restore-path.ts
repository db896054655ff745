/**
 * `node scripts/restore-path.ts [--patients N] [--versions N] [--touch SHARE] [--profile DIR]`
 *
 * CPU time of a restore of vitals-windowing without a broker: the rows of a changelog, as the service writes them, in real
 * record batches through the lean decoder into the store. `--versions`: how often each row stands in a log that is not
 * compacted yet. Then a share of the patients is looked up, as their next readings would.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { schemas } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { loadWorkflowDefinition, monitoringParametersOf } from '@vigil/definitions';
import { createMemoryBroker, createMemoryRegistry, topicsOfTopology, type ProducedRecord } from '@vigil/kafka';
import { createValueEncoder } from '../packages/kafka/src/codec/value-encoder.ts';
import { openTaskStores } from '../packages/kafka/src/engine/task-stores.ts';
import { planTopology } from '../packages/kafka/src/engine/topology-plan.ts';
import { createClinicalRules } from '../services/vitals-windowing/src/clinical-rules.ts';
import { defaultWorkflowsDir, settings } from '../services/vitals-windowing/src/config.ts';
import { windowReading } from '../services/vitals-windowing/src/domain/window-reading.ts';
import type { Ward } from '../services/vitals-windowing/src/domain/patient/ward.ts';
import { wardStore } from '../services/vitals-windowing/src/state/ward-store.ts';
import { createTopology } from '../services/vitals-windowing/src/topology.ts';
import { loggedClient } from './logged-client.ts';

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '250000' },
    versions: { type: 'string', default: '1' },
    touch: { type: 'string', default: '0' },
    profile: { type: 'string' },
  },
});
const [patients, versions, touch] = [values.patients, values.versions, values.touch].map(Number) as [number, number, number];

const definition = loadWorkflowDefinition(`${defaultWorkflowsDir}/definitions/patient_monitoring_workflow.yaml`);
const parsed = settings.parse({
  VIGIL_KAFKA_BROKERS: 'localhost:9092',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://localhost:8080',
  VIGIL_ALERT_RULES: 'false',
});
const rules = createClinicalRules(monitoringParametersOf(definition), parsed);
const topology = createTopology(rules);
const changelog = `${topology.name}.ward.changelog`;
const startMs = Date.UTC(2026, 0, 1);
const tokenOf = (patient: number): string => `t1.${hashId('bench', patient)}`;

const broker = createMemoryBroker({ clock: { now: () => Date.now() } });
for (const name of topicsOfTopology(topology)) broker.createTopic(name, 1);
const registry = createMemoryRegistry();

/** The rows of each commit: one reading of every patient at a time. */
function* rows(schemaId: number): Generator<ProducedRecord> {
  const encode = createValueEncoder(schemas.wardState, schemaId, wardStore.write);
  const store = wardStore.open();
  for (let version = 0; version < versions; version++) {
    for (let patient = 0; patient < patients; patient++) {
      const observedAt = startMs + version * 1_000;
      const sample = { observedAt, receivedAt: observedAt, eventId: hashId('event', version, patient) };
      const wave = patient % 7;
      const measured = [78 + wave, 15 + wave / 2, 96.5, 36.8, 118 + wave, 78];
      windowReading(store.view.edit(tokenOf(patient)), sample, { rules, values: measured, isClean: () => true, nowMs: observedAt });
      if (patient % 1_000 < 999 && patient < patients - 1) continue;
      for (const { key, value } of store.changes())
        yield {
          topic: changelog,
          partition: 0,
          key: Buffer.from(key),
          value: value && encode(value),
          headers: [],
          timestamp: observedAt,
        };
      store.merge();
    }
  }
}

const plan = await planTopology(topology, broker.connect(), registry);
const schemaId = await registry.idOf(`${changelog}-value`, schemas.wardState);
const { client, count, bytes } = loggedClient(broker.connect(), changelog, rows(schemaId));
const stores = openTaskStores(plan, 0);
globalThis.gc?.();
const inspector = new Session();
if (values.profile !== undefined) {
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
  await inspector.post('Profiler.start');
}
const cpu = process.cpuUsage();
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
};
const restored = await stores.restore({ client, registry, pollMs: 100 });
const restoring = cpuSeconds();
if (restored !== count) throw new Error(`${restored} of ${count} rows were restored.`);
if (values.profile !== undefined)
  writeFileSync(`${values.profile}/restore.cpuprofile`, JSON.stringify((await inspector.post('Profiler.stop')).profile));

const ward = stores.views.ward as Ward;
const looked = Math.floor(patients * touch);
const tokens = Array.from({ length: looked }, (_, patient) => Buffer.from(tokenOf(patient)));
const beganLooking = cpuSeconds();
for (const token of tokens) if (ward.find(token, 0, token.length) === undefined) throw new Error('A patient is missing.');
const looking = cpuSeconds() - beganLooking;
console.log(
  JSON.stringify({
    patients,
    rows: count,
    rowBytes: Math.round(bytes / count),
    microsPerRow: Number(((restoring / count) * 1e6).toFixed(2)),
    ...(looked > 0 && { microsPerLook: Number(((looking / looked) * 1e6).toFixed(2)) }),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
