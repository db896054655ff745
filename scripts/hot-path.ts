/**
 * `node scripts/hot-path.ts [--records N] [--patients N] [--vitals 1..6] [--alerts on|off] [--partitions N] [--step MS] [--profile DIR]`
 *
 * CPU time of vitals-windowing without a broker: real record batches through the lean decoder, the engine and the real
 * topology; what a commit would write is encoded and dropped. No socket, so the figure is the program's own and repeats
 * on a busy machine; `npm run bench` tells what a user gets.
 */
import { parseArgs } from 'node:util';
import { createWireEncoder, compileWriter, topics, type ReadingAccepted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { loadWorkflowDefinition, monitoringParametersOf } from '@vigil/definitions';
import { createMemoryRegistry, valueSubjectOf, type ProducedRecord } from '@vigil/kafka';
import { createClinicalRules } from '../services/vitals-windowing/src/clinical-rules.ts';
import { defaultWorkflowsDir, settings } from '../services/vitals-windowing/src/config.ts';
import { createTopology } from '../services/vitals-windowing/src/topology.ts';
import { drainWithoutBroker } from './drain-without-broker.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    patients: { type: 'string', default: '2000' },
    vitals: { type: 'string', default: '6' },
    alerts: { type: 'string', default: 'off' },
    partitions: { type: 'string', default: '4' },
    // Event time between two readings of a patient: 30000 = a window closes with every tenth.
    step: { type: 'string', default: '1000' },
    profile: { type: 'string' },
  },
});
const numbers = [values.records, values.patients, values.vitals, values.partitions, values.step].map(Number);
const [records, patients, vitals, partitions, stepMs] = numbers as [number, number, number, number, number];
const input = topics.vitalsReadingAccepted;

const definition = loadWorkflowDefinition(`${defaultWorkflowsDir}/definitions/patient_monitoring_workflow.yaml`);
const parsed = settings.parse({
  VIGIL_KAFKA_BROKERS: 'localhost:9092',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://localhost:8080',
  VIGIL_ALERT_RULES: String(values.alerts === 'on'),
});
const topology = createTopology(createClinicalRules(monitoringParametersOf(definition), parsed));
const registry = createMemoryRegistry();
const schemaId = await registry.idOf(valueSubjectOf(input.name), input.schema);
await registry.schemaOf(schemaId);

const tokens = Array.from({ length: patients }, (_, index) => `t1.${hashId('bench', index)}`);
const encode = createWireEncoder();
const writer = compileWriter<ReadingAccepted>(input.schema);
const value = (which: number, level: number): number | null => (which < vitals ? level : null);
const startMs = Date.now() - Math.ceil(records / patients) * stepMs;
const recordOf = (count: number): ProducedRecord => {
  const index = count % patients;
  const observedAt = startMs + Math.floor(count / patients) * stepMs;
  const wave = (count % 7) / 2;
  const reading: ReadingAccepted = {
    eventId: hashId('bench', count),
    patientToken: tokens[index] as string,
    deviceId: `MON_${index}`,
    deviceClass: 'bedside-monitor',
    deviceModel: 'VM-200',
    observedAt,
    receivedAt: observedAt,
    historic: false,
    heartRate: value(0, 78 + wave),
    respiratoryRate: value(1, 15 + wave / 2),
    oxygenSaturation: value(2, 96 + wave / 2),
    temperatureC: value(3, 36.8),
    systolic: value(4, 118 + wave),
    diastolic: value(5, 78 + wave),
    supplementalOxygen: null,
    consciousness: null,
    birthYear: null,
    excluded: [],
    flags: [],
    deviceStatus: '',
    hospital: 'General Hospital',
    ward: 'ICU',
    room: '1',
  };
  return {
    topic: input.name,
    partition: index % partitions,
    key: Buffer.from(reading.patientToken),
    value: encode(schemaId, writer, reading),
    headers: [],
    timestamp: observedAt,
  };
};

function* readings(): Generator<ProducedRecord> {
  for (let count = 0; count < records; count++) yield recordOf(count);
}
const drained = await drainWithoutBroker({
  topology,
  registry,
  input: input.name,
  records: readings(),
  count: records,
  partitions,
  profile: values.profile,
});
console.log(JSON.stringify({ records, patients, ...drained }));
