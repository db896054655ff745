import type { MemberChanged } from '@vigil/contracts';
import { processed, suppressed, type Outcome } from '@vigil/core';
import type { SourceRecord, TaskContext } from '@vigil/kafka';
import type { ClaimStores } from '../state/claim-stores.ts';

/**
 * Members are held by their greatest version, whatever the order in which versions come. A deleted record takes nothing back:
 * the topic holds every version by itself, and compaction deletes none.
 */
export function rememberMember({ value: member }: SourceRecord<MemberChanged | null>, { stores }: TaskContext<ClaimStores>): Outcome {
  if (member === null) return suppressed('MEMBER_DELETED');
  const known = stores.members.get(member.memberToken);
  if (known && known.member.version > member.version) return suppressed('OLDER_VERSION');
  stores.members.put(member.memberToken, { member });
  return processed();
}
