import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { PartitionLag } from '@vigil/kafka';

/** One line per group and topic: the worst of its partitions. Ways back from quarantine show only when something waits there. */
export function lagText(lags: readonly PartitionLag[]): string {
  const rows = new Map<string, { records: number; seconds: number }>();
  for (const { group, topic, lagRecords, lagSeconds } of lags) {
    const name = `${group.padEnd(30)}${topic}`;
    const row = rows.get(name) ?? { records: 0, seconds: 0 };
    rows.set(name, { records: row.records + lagRecords, seconds: Math.max(row.seconds, lagSeconds) });
  }
  const shown = [...rows].filter(([name, { records }]) => records > 0 || !name.endsWith('.retry'));
  const lines = shown.map(
    ([name, { records, seconds }]) => `${name.padEnd(100)}${String(records).padStart(10)} records${seconds.toFixed(1).padStart(10)} s`,
  );
  return lines.join('\n') || 'no group reads anything yet';
}

/** `vigil lag`: how far each group is behind, in records and in seconds. */
export const registerLag: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'lag',
    summary: 'how far each group is behind, from its position to the last stable offset',
    examples: ['vigil lag', 'vigil lag --json'],
  }).action(async () => {
    const { withFleet } = await import('../connect/with-fleet.ts');
    const { measureLag } = await import('@vigil/kafka');
    const groups = await withFleet(measureLag);
    io.result({ groups }, (result) => lagText(result.groups));
  });
};
