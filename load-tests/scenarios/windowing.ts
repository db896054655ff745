import { compileWriter, createWireEncoder, topics, type ReadingAccepted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { createRegistry, valueSubjectOf, type ProducedRecord } from '@vigil/kafka';
import { createPhysiology, createSeededRandom } from '@vigil/testing';
import type { Round } from '../bench-report.ts';
import { measureDrain } from '../measure/measure-drain.ts';
import { preload } from './preload.ts';

const patients = 2_000;
const partitions = 4;
const topic = topics.vitalsReadingAccepted;

/** Accepted readings, one a second and patient, all six vitals, in order of event time. */
function* acceptedReadings(records: number, schemaId: number): Generator<ProducedRecord> {
  const random = createSeededRandom(1);
  const bodies = Array.from({ length: patients }, () => createPhysiology(random));
  const tokens = bodies.map((_, index) => ({ text: `bench.${hashId('bench', index)}`, partition: index % partitions }));
  const encode = createWireEncoder();
  const writer = compileWriter<ReadingAccepted>(topic.schema);
  const startMs = Date.now() - Math.ceil(records / patients) * 1000;
  for (let count = 0; count < records; count++) {
    const index = count % patients;
    const [body, token] = [bodies[index], tokens[index]];
    if (!body || !token) return;
    const vitals = body.step();
    const observedAt = startMs + Math.floor(count / patients) * 1000;
    const reading: ReadingAccepted = {
      eventId: hashId('bench', count),
      patientToken: token.text,
      deviceId: `MON_${index}`,
      deviceClass: 'bedside-monitor',
      deviceModel: 'VM-200',
      observedAt,
      receivedAt: observedAt,
      historic: false,
      heartRate: vitals.heartRate,
      respiratoryRate: vitals.respiratoryRate,
      oxygenSaturation: vitals.oxygenSaturation,
      temperatureC: Math.round(((vitals.temperatureF - 32) / 1.8) * 100) / 100,
      systolic: vitals.systolic,
      diastolic: vitals.diastolic,
      supplementalOxygen: false,
      consciousness: 'A',
      birthYear: null,
      excluded: [],
      flags: [],
      deviceStatus: 'NORMAL',
      hospital: 'General Hospital',
      ward: 'ICU',
      room: '1',
    };
    yield {
      topic: topic.name,
      partition: token.partition,
      key: Buffer.from(token.text),
      value: encode(schemaId, writer, reading),
      headers: [],
      timestamp: null,
    };
  }
}

/** Drain rate of vitals-windowing with everything on: windows, NEWS2, limits, deviation, alarm states, changelog, ledger. */
export const benchWindowing = (records: number): Promise<Round> =>
  measureDrain({
    service: 'vitals-windowing',
    topic: topic.name,
    preload: async ({ client, env }) => {
      const schemaId = await createRegistry({ url: env.schemaRegistryUrl }).idOf(valueSubjectOf(topic.name), topic.schema);
      return preload(client, acceptedReadings(records, schemaId));
    },
  });
