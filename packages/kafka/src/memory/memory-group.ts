import type { GroupMember, JoinOptions, PositionToCommit } from '../ports/kafka-client.ts';
import { assignPartitionNumbers } from '../topology/assign-partitions.ts';
import type { AskCoordinator } from './ask-coordinator.ts';
import { groupOf, placeOf, type MemoryGroup, type MemoryMember, type MemoryState, type MemoryTopic } from './memory-state.ts';

const partitionsOf = (state: MemoryState, member: MemoryMember): number =>
  Math.min(...member.topics.map((topic) => (state.topics.get(topic) as MemoryTopic).logs.length));

/** A new generation: everybody first loses what it has, then gets its share. */
function rebalance(state: MemoryState, group: MemoryGroup, joining: MemoryMember | null): void {
  const members = [...group.members.values()];
  for (const member of members) if (member !== joining) member.listener.onLost();
  const first = members[0];
  if (!first) return;
  const shares = assignPartitionNumbers(members, partitionsOf(state, first));
  for (const member of members) {
    const owned = shares.get(member.id) as readonly number[];
    member.owned = owned;
    queueMicrotask(() => {
      if (group.members.get(member.id) === member && member.owned === owned) member.listener.onAssigned(owned);
    });
  }
}

/** Takes members out without telling them, as when their session ended; those left share anew. */
export function expelMembers(state: MemoryState, groupName: string, ids: readonly string[]): void {
  const group = groupOf(state, groupName);
  for (const id of ids) group.members.delete(id);
  rebalance(state, group, null);
}

export function joinMemoryGroup(
  state: MemoryState,
  { group: name, topics, listener }: JoinOptions,
  { hook, ask }: { readonly hook: Hook; readonly ask: AskCoordinator },
): GroupMember {
  const group = groupOf(state, name);
  const member: MemoryMember = { id: `member-${String(++state.created).padStart(6, '0')}`, topics, listener, owned: [] };
  let left = false;
  const enter = (): void => {
    group.members.set(member.id, member);
    rebalance(state, group, member);
  };
  enter();
  return {
    async confirm() {
      await hook('confirm');
      ask();
      if (left || group.members.has(member.id)) return !left;
      listener.onLost();
      enter();
      return false;
    },
    async commitPositions(positions: readonly PositionToCommit[]) {
      await hook('commitPositions');
      ask();
      for (const position of positions) group.committed.set(placeOf(position), position);
    },
    async leave() {
      await hook('leave');
      left = true;
      if (group.members.delete(member.id)) rebalance(state, group, null);
    },
  };
}

/** Called before and after every operation of a client: where tests and simulation let it fail, hang or die. */
export type Hook = (operation: string) => Promise<void>;
