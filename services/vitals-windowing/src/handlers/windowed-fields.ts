import type { ReadingAccepted } from '@vigil/contracts';

/** What is decoded of every reading where windows are all that is wanted. */
export const windowedFields = [
  'eventId',
  'patientToken',
  'observedAt',
  'receivedAt',
  'heartRate',
  'respiratoryRate',
  'oxygenSaturation',
  'temperatureC',
  'systolic',
  'diastolic',
] as const satisfies readonly (keyof ReadingAccepted)[];

export type WindowedReading = Pick<ReadingAccepted, (typeof windowedFields)[number]>;
