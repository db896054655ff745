import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { readMimicNumerics } from './mimic-numerics.ts';
import { readPhysioNet2019 } from './physionet-2019.ts';
import { sharedData } from './shared-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigil-datasets-'));
const startMs = Date.parse('2026-03-15T00:00:00Z');
afterAll(() => rmSync(folder, { recursive: true }));

test('a PhysioNet stay becomes device messages an hour apart; NaN is not measured', () => {
  const lines = [
    'HR|O2Sat|Temp|SBP|MAP|DBP|Resp|Age',
    'NaN|NaN|NaN|NaN|NaN|NaN|NaN|73.5',
    '93|92.5|36.6|110|76|56|22|73.5',
    '80|97|NaN|NaN|NaN|NaN|15|NaN',
  ];
  writeFileSync(join(folder, 'p000001.psv'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'ORIGIN.txt'), 'not a stay');

  const [stay, ...others] = readPhysioNet2019(folder, { startMs });
  expect(others).toEqual([]);
  expect(stay?.messages).toHaveLength(3);
  expect(stay?.messages[1]).toMatchObject({
    device_id: 'ICU_p000001',
    patient_id: 'PHYSIONET_p000001',
    timestamp: '2026-03-15T01:00:00.000Z',
    birth_year: 1953,
    measurements: {
      heart_rate: 93,
      respiratory_rate: 22,
      oxygen_saturation: 92.5,
      temperature: 36.6,
      blood_pressure: { systolic: 110, diastolic: 56 },
    },
  });
  expect(stay?.messages[0]?.measurements.heart_rate).toBeNull();
  expect(stay?.messages[2]).not.toHaveProperty('birth_year');
});

test('MIMIC numerics become messages a minute apart; arterial pressure before cuff, zeros as they came', () => {
  const arterial = 't_seconds,HR,ABPSys,ABPDias,RESP,SpO2,NBPSys,NBPDias\n0,0,120,70,23,0,,\n60,62.8,,,12.7,97,110,60\n';
  writeFileSync(join(folder, 's1_numerics_1min.csv'), arterial);
  writeFileSync(join(folder, 's2_numerics_1min.csv'), 't_seconds,HR\n,70\n');

  const [first, second] = readMimicNumerics(folder, { startMs });
  expect(first?.messages.map(({ measurements }) => measurements)).toMatchObject([
    { heart_rate: 0, oxygen_saturation: 0, blood_pressure: { systolic: 120, diastolic: 70 } },
    { heart_rate: 62.8, oxygen_saturation: 97, blood_pressure: { systolic: 110, diastolic: 60 } },
  ]);
  expect(first?.messages[1]?.timestamp).toBe('2026-03-15T00:01:00.000Z');
  expect(second?.messages[0]).toMatchObject({ timestamp: '2026-03-15T00:00:00.000Z', measurements: { respiratory_rate: null } });
});

test('a folder that is not beside the repository is told, not an error', () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(sharedData('no-such-folder')).toBeNull();
  expect(write).toHaveBeenCalledWith('skipped: no-such-folder is not in ../shared/data\n');
  write.mockRestore();
});
