import type { DeidReadingAccepted } from '@vigil/contracts';
import { scoreOf, shareOf, type Score } from './quality-score.ts';

/** What is read of a reading: nothing that tells whose it is. */
export type JudgedReading = Pick<
  DeidReadingAccepted,
  'heartRate' | 'respiratoryRate' | 'oxygenSaturation' | 'temperatureC' | 'systolic' | 'diastolic' | 'excluded'
>;

/** Vitals by the code that `excluded` names them with. */
const columns = [
  ['heart_rate', 'heartRate'],
  ['respiratory_rate', 'respiratoryRate'],
  ['oxygen_saturation', 'oxygenSaturation'],
  ['temperature_c', 'temperatureC'],
  ['systolic', 'systolic'],
  ['diastolic', 'diastolic'],
] as const;

/** Not one value is wrong but two do not agree. */
const disagreement = 'DIASTOLIC_NOT_BELOW_SYSTOLIC';

interface VitalCounts {
  present: number;
  invalid: number;
  inconsistent: number;
}

/**
 * Scores of the vitals of readings: a value that was judged impossible is invalid, a pressure that does not agree with the
 * other inconsistent. A monitor need not measure everything, so what is absent is not incomplete; `records` of a column
 * counts the readings that told it. Repeats and lateness are of whole messages.
 */
export class ReadingColumns {
  readonly #counts = new Map<string, VitalCounts>(columns.map(([name]) => [name, { present: 0, invalid: 0, inconsistent: 0 }]));

  add(reading: JudgedReading): void {
    for (const [name, member] of columns) if (reading[member] !== null) (this.#counts.get(name) as VitalCounts).present++;
    for (const { field, code } of reading.excluded ?? []) {
      const counts = this.#counts.get(field ?? '');
      if (counts && code === disagreement) counts.inconsistent++;
      else if (counts) counts.invalid++;
    }
  }

  /** Of the vitals that were told at all. */
  scores(): readonly Score[] {
    return [...this.#counts].flatMap(([name, { present, invalid, inconsistent }]) => {
      const told = present + invalid + inconsistent;
      if (told === 0) return [];
      const validity = shareOf(told - invalid, told);
      const consistency = shareOf(told - inconsistent, told);
      return [scoreOf(name, told, { completeness: 1, validity, uniqueness: 1, consistency, timeliness: 1 })];
    });
  }
}
