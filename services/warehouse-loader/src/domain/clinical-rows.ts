import type { ReadingAccepted } from '@vigil/contracts';
import type { RowTable, RowValues } from './row-values.ts';

/** `clinical.vital_reading`: tokens, no names. */
export const clinicalReadingTable: RowTable = {
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

export function writeClinicalReading(row: RowValues, reading: ReadingAccepted, place: ReadPlace): void {
  row.text(reading.eventId);
  row.text(reading.patientToken);
  row.text(reading.deviceId);
  row.timestamptz(reading.observedAt);
  row.timestamptz(reading.receivedAt);
  row.bool(reading.historic);
  row.float8(reading.heartRate);
  row.float8(reading.respiratoryRate);
  row.float8(reading.oxygenSaturation);
  row.float8(reading.temperatureC);
  row.float8(reading.systolic);
  row.float8(reading.diastolic);
  row.bool(reading.supplementalOxygen);
  row.text(reading.consciousness);
  row.jsonb(reading.excluded.length === 0 ? '[]' : JSON.stringify(reading.excluded));
  row.textArray(reading.flags);
  row.text(place.topic);
  row.int4(place.partition);
  row.int8(place.offset);
}
