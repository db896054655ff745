import type { ReadingAccepted } from '@vigil/contracts';
import type { FactRow, FactTable } from './fact-rows.ts';

/** `clinical.vital_reading`: tokens, no names. */
export const clinicalReadingTable: FactTable = {
  table: 'clinical.vital_reading',
  columns: [
    'event_id',
    'patient_token',
    'device_id',
    'observed_at',
    'received_at',
    'historic',
    'heart_rate',
    'respiratory_rate',
    'oxygen_saturation',
    'temperature_c',
    'systolic',
    'diastolic',
    'supplemental_oxygen',
    'consciousness',
    'excluded',
    'flags',
    'src_topic',
    'src_partition',
    'src_offset',
  ],
};

/** Where a record was read. */
export interface ReadPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const instant = (ms: number): string => new Date(ms).toISOString();

export const clinicalReadingRow = (reading: ReadingAccepted, { topic, partition, offset }: ReadPlace): FactRow => [
  reading.eventId,
  reading.patientToken,
  reading.deviceId,
  instant(reading.observedAt),
  instant(reading.receivedAt),
  reading.historic,
  reading.heartRate,
  reading.respiratoryRate,
  reading.oxygenSaturation,
  reading.temperatureC,
  reading.systolic,
  reading.diastolic,
  reading.supplementalOxygen,
  reading.consciousness,
  reading.excluded.length === 0 ? '[]' : JSON.stringify(reading.excluded),
  reading.flags,
  topic,
  partition,
  offset,
];
