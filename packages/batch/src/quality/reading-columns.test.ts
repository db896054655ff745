import { expect, test } from '@jest/globals';
import { ReadingColumns, type JudgedReading } from './reading-columns.ts';

const none = { heartRate: null, respiratoryRate: null, oxygenSaturation: null, temperatureC: null, systolic: null, diastolic: null };
const aReading = (changed: Partial<JudgedReading>): JudgedReading => ({ ...none, excluded: [], ...changed });

test('a vital is judged by what was excluded of it; what no monitor told has no score', () => {
  const judged = new ReadingColumns();
  judged.add(aReading({ heartRate: 72, systolic: 120, diastolic: 80 }));
  judged.add(aReading({ heartRate: 70, excluded: [{ field: 'systolic', code: 'DIASTOLIC_NOT_BELOW_SYSTOLIC' }, { field: 'diastolic', code: 'DIASTOLIC_NOT_BELOW_SYSTOLIC' }] }));
  judged.add(aReading({ excluded: [{ field: 'heart_rate', code: 'ZERO_SIGNAL' }, { field: 'birth_year', code: 'NOT_A_NUMBER' }] }));
  judged.add(aReading({ heartRate: 60, temperatureC: 37 }));

  // Of four heart rates one is no signal; of two pressures one pair does not agree.
  expect(judged.scores().map(({ column, records, validity, consistency, score }) => [column, records, validity, consistency, score])).toEqual([
    ['heart_rate', 4, 0.75, 1, 0.75],
    ['temperature_c', 1, 1, 1, 1],
    ['systolic', 2, 1, 0.5, 0.5],
    ['diastolic', 2, 1, 0.5, 0.5],
  ]);
}); // prettier-ignore
