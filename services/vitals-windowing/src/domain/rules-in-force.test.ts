import { expect, test } from '@jest/globals';
import { aReading, healthy, tenOClock } from '../../test-support/a-reading.ts';
import { parameters, settingsOf } from '../../test-support/test-rules.ts';
import { createClinicalRules } from '../clinical-rules.ts';
import { Ward } from './patient/ward.ts';
import { processReading } from './process-reading.ts';
import { cutAnew, RulesInForce } from './rules-in-force.ts';

const rulesOf = (windowMs: number) => createClinicalRules({ ...parameters, windowMs }, settingsOf());

test('windows that a change of their size closes are told again when the batch that told them is taken back', () => {
  const ward = new Ward();
  const inForce = new RulesInForce(rulesOf(600_000));
  const patientToken = 't1.a';
  const tellAnew = () => cutAnew(ward.edit(patientToken), inForce).map(({ windowStart, vital, n }) => [windowStart, vital, n]);
  const read = (at: string) =>
    processReading(ward.edit(patientToken), aReading({ ...healthy, at, patientToken }), {
      rules: inForce.rules,
      age: 'scored',
      nowMs: tenOClock,
    });
  expect(tellAnew()).toEqual([]);
  read('10:00:30');
  read('10:08:00');
  ward.merge();
  inForce.take(rulesOf(300_000));

  const told = tellAnew();
  ward.rollback();

  expect(told).toContainEqual([tenOClock, 'heart_rate', 1]);
  expect(tellAnew()).toEqual(told);
  ward.merge();
  expect(tellAnew()).toEqual([]);
});
