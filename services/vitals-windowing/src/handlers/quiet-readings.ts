import type { FlatFields, ReadingAccepted } from '@vigil/contracts';
import type { QuickWay } from '@vigil/kafka';
import type { RulesInForce } from '../domain/rules-in-force.ts';
import { addQuickly } from '../domain/windows/add-quickly.ts';
import type { Stores } from './stores.ts';

/** In the order of `LyingReading`. */
const fields = {
  numbers: ['observedAt', 'receivedAt', 'heartRate', 'respiratoryRate', 'oxygenSaturation', 'temperatureC', 'systolic', 'diastolic'],
  texts: ['patientToken', 'eventId'],
} as const satisfies FlatFields & { readonly [Kind in keyof FlatFields]: readonly (keyof ReadingAccepted)[] };

/** What `handleWindowed` does with a reading of the quiet span, without an object for reading or outcome. */
export const quietReadings = (fixed: RulesInForce): QuickWay<Stores> => ({
  fields,
  handle: (record, context) => addQuickly(record, context.stores.parameters ?? fixed, context),
});
