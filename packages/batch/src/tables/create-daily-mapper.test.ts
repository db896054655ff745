import { expect, test } from '@jest/globals';
import { createDailyMapper, createTableMapper } from '../index.ts';

const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
const rules = { tokenKey: key, dataKey: key, random: (bytes: number) => Buffer.alloc(bytes, 1), source: 's', fileId: '' };

test('a row of the day after tomorrow is refused, and taken the day before it', () => {
  let now = Date.UTC(2026, 10, 26, 23, 59);
  const { map, writes } = createDailyMapper(
    (startedAtMs) => createTableMapper('trial_outcomes', { ...rules, startedAtMs }),
    () => now,
  );
  const kindOf = (): string => {
    const row = { trial_id: 'T', patient_id: 'P', enrollment_date: '2026-11-28' };
    return map({
      item: { change: 'insert', row, position: 'p', place: 'row 1', changedAtMs: null },
      position: 'p',
      place: 'row 1',
      line: 0,
    }).kind;
  };
  expect(kindOf()).toBe('rejected');
  now += 60_000;
  expect(kindOf()).toBe('records');
  expect(writes.map(({ name }) => name)).toContain('trials.outcome.recorded.v1');
});
