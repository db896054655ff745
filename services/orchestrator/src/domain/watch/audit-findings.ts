import { countedTopics } from '@vigil/contracts';
import type { AuditFinding } from './audit-commits.ts';
import { nameOf, type Imbalance, type Judgement } from './reconcile.ts';

/** What was found in the log, by stage and topic, until it is known to be over. */
export type Findings = ReadonlyMap<string, Imbalance>;

export const noFindings: Findings = new Map();

/** Of what outsiders write nobody can tell later that it balances again: so long one is told about it. */
const outsiderHoldMs = 60 * 60_000;

export function rememberFindings(before: Findings, found: readonly AuditFinding[], nowMs: number): Findings {
  const next = new Map(before);
  for (const { stage, topic, records } of found) {
    const known = next.get(nameOf(stage, topic));
    next.set(nameOf(stage, topic), { stage, topic, unaccounted: (known?.unaccounted ?? 0) + records, sinceMs: known?.sinceMs ?? nowMs });
  }
  return next;
}

const isOver = ({ topic, sinceMs }: Imbalance, isSettled: boolean, nowMs: number): boolean =>
  countedTopics.has(topic) ? isSettled && nowMs > sinceMs : nowMs - sinceMs >= outsiderHoldMs;

/**
 * What was found in the log counts at once: it was read, not inferred. It is over when the totals balance while nothing moves;
 * that they seem to in a flow says nothing of one record. In the look that found it, it is told whatever the totals: one
 * lost and one doubled balance, too.
 */
export function withFindings(
  judgement: Judgement,
  findings: Findings,
  nowMs: number,
): { readonly judgement: Pick<Judgement, 'imbalances' | 'balanced'>; readonly findings: Findings } {
  const left = new Map([...findings].filter(([name, finding]) => !isOver(finding, judgement.settled.has(name), nowMs)));
  const others = judgement.imbalances.filter(({ stage, topic }) => !left.has(nameOf(stage, topic)));
  return {
    judgement: { imbalances: [...others, ...left.values()], balanced: judgement.balanced.difference(new Set(left.keys())) },
    findings: left,
  };
}
