import type { Violation } from '../../checks/violation.ts';
import type { Check } from './observe-ward.ts';
import { timing, type ClosedWindow } from './ward-topology.ts';

interface Sums {
  count: number;
  sum: number;
}

/** Every window's last result is what a batch job would compute, and its revisions are told in order, once each. */
export const checkWindows: Check = ({ accepted, windows, stopped }) => {
  const wanted = new Map<string, Sums & { readonly partition: number }>();
  for (const { key, value, partition } of accepted) {
    const name = `${key}/${Math.floor(value.eventMs / timing.windowMs) * timing.windowMs}`;
    const sums = wanted.get(name) ?? { count: 0, sum: 0, partition };
    wanted.set(name, { partition, count: sums.count + 1, sum: sums.sum + value.retained });
  }
  const last = new Map<string, ClosedWindow>();
  const violations: Violation[] = [];
  for (const { key, value } of windows) {
    const name = `${key}/${value.startMs}`;
    const revision = (last.get(name)?.revision ?? -1) + 1;
    if (value.revision !== revision) violations.push({ invariant: 'I5', detail: `${name}: revision ${value.revision}, not ${revision}` });
    last.set(name, value);
  }
  for (const [name, sums] of wanted) {
    const closed = last.get(name);
    if (!closed && stopped.has(sums.partition)) continue;
    if (closed?.count === sums.count && closed.sum === sums.sum) continue;
    violations.push({
      invariant: 'I5',
      detail: `${name}: ${closed?.count} summing ${closed?.sum}, recomputed ${sums.count} summing ${sums.sum}`,
    });
  }
  for (const name of last.keys()) if (!wanted.has(name)) violations.push({ invariant: 'I2', detail: `${name}: a window of nothing` });
  return violations;
};
