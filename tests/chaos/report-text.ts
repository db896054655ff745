import type { ChaosReport } from './run-chaos.ts';

/** The report for people, beside the one for programs. */
export function reportText({ seed, machine, node, kafka, load, faults, pass }: ChaosReport): string {
  const head = `# Last run of \`npm run chaos\`\n\n${pass ? 'Passed' : 'FAILED'}. Seed ${seed}; ${machine}, load ${load.join(', ')}; Node ${node}, Kafka ${kafka}.\n`;
  const rows = faults.map((fault) => {
    const { sent, acked, output, dlq, duplicate, lost, duplicated, phantom, orderViolations, alertsMissing, alertsDoubled } = fault;
    const wrong = [lost, duplicated, phantom, orderViolations, alertsMissing, alertsDoubled];
    const cells = [
      fault.fault,
      fault.title,
      sent,
      acked,
      output,
      dlq,
      duplicate,
      ...wrong,
      fault.recoverySeconds ?? 'not',
      fault.pass ? 'yes' : 'NO',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const names = [
    'fault',
    'what',
    'sent',
    'acked',
    'output',
    'quarantined',
    'duplicates removed',
    'lost',
    'doubled',
    'phantom',
    'out of order',
  ];
  const columns = [...names, 'alerts missing', 'alerts doubled', 'recovery s', 'passed'];
  return `${head}\n| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|\n${rows.join('\n')}\n`;
}
