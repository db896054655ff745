import type { RecordedStay } from '../datasets/index.ts';
import { createPhysiology, type Physiology, type Vitals } from './physiology.ts';
import type { SeededRandom } from './seeded-random.ts';

const toFahrenheit = (celsius: number | null): number | null => (celsius === null ? null : Math.round((celsius * 1.8 + 32) * 10) / 10);

const vitalsOf = ({ measurements }: RecordedStay['messages'][number]): Vitals => ({
  heartRate: measurements.heart_rate,
  respiratoryRate: measurements.respiratory_rate,
  oxygenSaturation: measurements.oxygen_saturation,
  temperatureF: toFahrenheit(measurements.temperature),
  systolic: measurements.blood_pressure.systolic,
  diastolic: measurements.blood_pressure.diastolic,
});

/**
 * Shows a recorded stay, one row a step, from the start again when it is over. Rows that are an hour apart in the
 * recording are a step apart here, so trends are faster than life. A deterioration is simulated: the stay is left.
 *
 * @throws RangeError when the stay has no rows
 */
export function createRecordedPhysiology({ patientId, messages }: RecordedStay, random: SeededRandom): Physiology {
  if (messages.length === 0) throw new RangeError(`The recording ${patientId} has no rows.`);
  const rows = messages.map(vitalsOf);
  let simulated: Physiology | undefined;
  let next = 0;
  return {
    deteriorate: (steps) => {
      simulated = createPhysiology(random);
      simulated.deteriorate(steps);
    },
    step: () => simulated?.step() ?? (rows[next++ % rows.length] as Vitals),
  };
}
