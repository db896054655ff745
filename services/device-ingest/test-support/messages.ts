import type { JsonObject } from '../src/domain/read-message.ts';

/** 2024-03-15T14:30:00Z, the time of the documented example. */
export const exampleMs = Date.UTC(2024, 2, 15, 14, 30);

/** The customer's example message, with other members on top. */
export const aMessage = (changes: JsonObject = {}): JsonObject => ({
  device_id: 'MONITOR_001',
  patient_id: 'PAT_12345',
  timestamp: '2024-03-15T14:30:00Z',
  measurements: {
    heart_rate: 72,
    blood_pressure: { systolic: 120, diastolic: 80 },
    temperature: 98.6,
    oxygen_saturation: 98,
    respiratory_rate: 16,
  },
  device_status: 'NORMAL',
  location: { hospital: 'General Hospital', ward: 'ICU', room: '101A' },
  ...changes,
});

export const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The same message in its Avro form: every member there, null or empty where nothing is told. */
export const anAvroMessage = (changes: JsonObject = {}): JsonObject => ({
  message_id: null,
  sequence: null,
  units: {},
  supplemental_oxygen: null,
  consciousness: null,
  birth_year: null,
  device_class: '',
  device_model: '',
  ...aMessage(changes),
});
