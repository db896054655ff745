import type { BatchProgressed } from '@vigil/contracts';
import type { SimWorld } from '../sim-world.ts';
import type { Violation } from './violation.ts';

interface CommitCounts {
  readonly committedAt: number;
  consumed: number;
  rejected: number;
}

/** One entry a commit: its rows tell of different topics, and no order between them. */
function commitsOf(ledger: readonly BatchProgressed[], partition: number): readonly CommitCounts[] {
  const commits: CommitCounts[] = [];
  for (const row of ledger) {
    if (row.partition !== partition || row.consumed === 0) continue;
    let commit = commits.at(-1);
    if (commit?.committedAt !== row.committedAt) commits.push((commit = { committedAt: row.committedAt, consumed: 0, rejected: 0 }));
    commit.consumed += row.consumed;
    commit.rejected += row.rejected;
  }
  return commits;
}

/**
 * Until somebody takes the limits away, no task may have committed more refused records in a row than they allow,
 * whoever died and forgot in between. Only commits of nothing but refused records tell for certain.
 */
export function checkLimits({ scenario, operator }: SimWorld, ledger: readonly BatchProgressed[]): readonly Violation[] {
  const { quarantine, partitions } = scenario;
  if (!quarantine || !operator) return [];
  return Array.from({ length: partitions }, (_, partition) => partition).flatMap((partition): Violation[] => {
    let [inARow, most] = [0, 0];
    for (const { committedAt, consumed, rejected } of commitsOf(ledger, partition)) {
      if (committedAt >= operator.raisedAtMs) break;
      inARow = rejected === consumed ? inARow + rejected : 0;
      most = Math.max(most, inARow);
    }
    if (most <= quarantine.consecutive) return [];
    return [{ invariant: 'I1', detail: `partition ${partition}: ${most} refused in a row, the limit is ${quarantine.consecutive}` }];
  });
}
