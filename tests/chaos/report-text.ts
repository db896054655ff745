import type { ChaosReport } from './run-chaos.ts';
import type { FaultReport } from './run-fault.ts';

type Column = readonly [name: string, cell: (fault: FaultReport) => string | number];

const columns: readonly Column[] = [
  ['fault', ({ fault }) => fault],
  ['what', ({ title }) => title],
  ['sent', ({ sent }) => sent],
  ['acked', ({ acked }) => acked],
  ['output', ({ output }) => output],
  ['quarantined', ({ dlq }) => dlq],
  ['late', ({ late }) => late],
  ['duplicates removed', ({ duplicate }) => duplicate],
  ['suppressed', ({ suppressed }) => suppressed],
  ['lost', ({ lost }) => lost],
  ['doubled', ({ duplicated }) => duplicated],
  ['phantom', ({ phantom }) => phantom],
  ['out of order', ({ orderViolations }) => orderViolations],
  ['alerts missing', ({ alertsMissing }) => alertsMissing],
  ['alerts doubled', ({ alertsDoubled }) => alertsDoubled],
  ['recovery s', ({ recoverySeconds }) => recoverySeconds ?? 'not'],
  ['passed', ({ pass }) => (pass ? 'yes' : 'NO')],
];

const rowOf = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const happened = ({ fault, evidence, findings }: FaultReport): string =>
  [`## ${fault}`, '', ...evidence.map((line) => `- ${line}`), ...findings.map((line) => `- **wrong:** ${line}`), ''].join('\n');

/** The report for people, beside the one for programs. */
export function reportText({ seed, machine, node, kafka, load, faults, pass }: ChaosReport): string {
  const head = `# Last run of \`npm run chaos\`\n\n${pass ? 'Passed' : 'FAILED'}. Seed ${seed}; ${machine}, load ${load.join(', ')}; Node ${node}, Kafka ${kafka}.\n`;
  const table = [
    rowOf(columns.map(([name]) => name)),
    `|${columns.map(() => '---').join('|')}|`,
    ...faults.map((fault) => rowOf(columns.map(([, cell]) => cell(fault)))),
  ];
  return [head, ...table, '', ...faults.map(happened)].join('\n');
}
