import { expect, test } from '@jest/globals';
import { reportText } from './report-text.ts';
import type { ChaosReport } from './run-chaos.ts';
import type { FaultReport } from './run-fault.ts';

const fault: FaultReport = {
  fault: 'F11',
  title: 'the database restarts',
  seed: 7,
  records: 10,
  sent: 10,
  acked: 9,
  output: 8,
  dlq: 1,
  duplicate: 2,
  late: 3,
  suppressed: 4,
  lost: 5,
  duplicated: 0,
  phantom: 0,
  orderViolations: 0,
  alertsMissing: 0,
  alertsDoubled: 0,
  findings: ['M1:0 is not on the accepted topic'],
  evidence: ['postgres: 1 ended, 2 in its place'],
  baselineLagSeconds: 3,
  recoverySeconds: null,
  pass: false,
};
const report: ChaosReport = { seed: 7, machine: 'm', node: 'v1', kafka: '4', load: [1, 2, 3], faults: [fault], pass: false };

test('every figure stands under its name, then what happened and what is wrong', () => {
  const lines = reportText(report).split('\n');
  const [names, , cells] = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').map((cell) => cell.trim()));
  const cellOf = (name: string): string | undefined => cells?.[names?.indexOf(name) ?? -1];

  expect(cells).toHaveLength(names?.length ?? 0);
  expect(['sent', 'acked', 'late', 'suppressed', 'lost', 'recovery s', 'passed'].map(cellOf)).toEqual([
    '10',
    '9',
    '3',
    '4',
    '5',
    'not',
    'NO',
  ]);
  expect(lines).toContain('- postgres: 1 ended, 2 in its place');
  expect(lines).toContain('- **wrong:** M1:0 is not on the accepted topic');
});
