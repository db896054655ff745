import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { LagObserved } from '@vigil/contracts';
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

const age = ({ observedAt }: LagObserved, nowMs: number): string => `${Math.max(0, (nowMs - observedAt) / 1000).toFixed(0)} s ago`;

/** One line per group: what the lag observer made of its last commits. */
export function statesText(observed: readonly LagObserved[], nowMs: number): string {
  const lines = observed.map((group) => {
    const worst = group.worstTopic === '' ? '' : `  worst: ${group.worstTopic} partition ${group.worstPartition}`;
    return `${group.state.padEnd(8)}${group.group.padEnd(30)}${group.slope >= 0 ? '+' : ''}${group.slope.toFixed(2)} s/s  ${age(group, nowMs)}${worst}`;
  });
  return lines.join('\n') || 'the lag observer published nothing yet';
}

/** `vigil lag`: how far each group is behind, in records and in seconds. */
export const registerLag: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'lag',
    summary: 'how far each group is behind, and what the lag observer makes of it: OK, WARN, STALL, STOP, REWIND',
    examples: ['vigil lag', 'vigil lag --json'],
  }).action(async () => {
    const { withFleet } = await import('../connect/with-fleet.ts');
    const { measureLag } = await import('@vigil/kafka');
    const { openRegistry } = await import('../connect/open-registry.ts');
    const { readObserved } = await import('../lag/read-observed.ts');
    const registry = openRegistry();
    const document = await withFleet(async (sources) => ({
      groups: await measureLag(sources),
      observed: await readObserved(sources.client, registry),
    }));
    io.result(document, ({ groups, observed }) => `${lagText(groups)}\n\n${statesText(observed, Date.now())}`);
  });
};
