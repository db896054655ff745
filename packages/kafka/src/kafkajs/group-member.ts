import { classifyError } from '@vigil/core';
import type { GroupMember, JoinOptions, PositionToCommit } from '../ports/kafka-client.ts';
import { noMemberMemory, type MemberMemory } from '../ports/member-memory.ts';
import { assignPartitionNumbers } from '../topology/assign-partitions.ts';
import type { ClusterLink } from './cluster-link.ts';
import { memberProtocol, type JoinedGroup, type KafkajsBroker } from './kafkajs-internals.ts';

/** Name of our assigner in the group protocol: all members must speak it. */
const protocolName = 'vigil-tasks';
const heartbeatMs = 1_000;
const rejoinDelayMs = 200;

interface Membership {
  readonly coordinator: KafkajsBroker;
  readonly generationId: number;
  readonly memberId: string;
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const typeOf = (error: unknown): unknown => (error as { type?: unknown }).type;
const expelledTypes: ReadonlySet<unknown> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

const encodeOwned = (owned: readonly number[]): Buffer => Buffer.from(JSON.stringify(owned), 'utf8');
function decodeOwned(userData: Buffer): readonly number[] {
  try {
    const parsed: unknown = JSON.parse(userData.toString('utf8'));
    return Array.isArray(parsed) ? parsed.filter((item): item is number => Number.isInteger(item)) : [];
  } catch {
    return [];
  }
}

/** The leader's part: whole partition numbers to one member each, of every topic the same. */
export function assignMembers(members: JoinedGroup['members'], topics: readonly string[], partitions: number) {
  const { MemberMetadata, MemberAssignment } = memberProtocol();
  const shares = assignPartitionNumbers(
    members.map(({ memberId, memberMetadata }) => ({ id: memberId, owned: decodeOwned(MemberMetadata.decode(memberMetadata).userData) })),
    partitions,
  );
  return [...shares].map(([memberId, numbers]) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({ version: 0, assignment: Object.fromEntries(topics.map((topic) => [topic, [...numbers]])) }),
  }));
}

/** The numbers that this member got of every topic. */
export function numbersOf(memberAssignment: Buffer, topics: readonly string[]): readonly number[] {
  const { assignment = {} } = memberProtocol().MemberAssignment.decode(memberAssignment) ?? {};
  const [first = [], ...others] = topics.map((topic) => assignment[topic] ?? []);
  return first.filter((number) => others.every((numbers) => numbers.includes(number))).sort((a, b) => a - b);
}

/**
 * Membership in a consumer group, by the classic protocol with an assigner of our own. kafkajs's consumer is not used:
 * it has no revoke callback, begins to fetch before one could fence, and cannot be asked whether it is still a member.
 */
export function joinGroup(
  link: ClusterLink,
  { group, topics, sessionTimeoutMs, listener }: JoinOptions,
  memory: MemberMemory = noMemberMemory,
): GroupMember {
  let memberId = '';
  let hasJoined = false;
  let owned: readonly number[] = [];
  let membership: Membership | null = null;
  let stopped = false;
  let rejoinNow: (() => void) | null = null;

  /** Nobody has to wait for the session of a member that is known to be dead. Should it live after all, it is fenced like any other. */
  const dismissPredecessor = async (coordinator: KafkajsBroker): Promise<void> => {
    const predecessor = hasJoined ? null : memory.predecessorOf(group);
    if (predecessor === null) return;
    await coordinator.leaveGroup({ groupId: group, memberId: predecessor }).catch((error: unknown) => {
      if (!expelledTypes.has(typeOf(error))) throw error;
    });
    memory.forget(group);
  };
  const join = async (): Promise<Membership> => {
    await link.withTopics(topics);
    const coordinator = await link.groupCoordinator(group);
    await dismissPredecessor(coordinator);
    const metadata = memberProtocol().MemberMetadata.encode({ version: 0, topics, userData: encodeOwned(owned) });
    const joined = await coordinator.joinGroup({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      memberId,
      groupProtocols: [{ name: protocolName, metadata }],
    });
    memberId = joined.memberId;
    hasJoined = true;
    memory.remember(group, memberId);
    const { generationId } = joined;
    const isLeader = joined.leaderId === joined.memberId;
    if (isLeader) await link.refresh();
    const groupAssignment = isLeader
      ? assignMembers(joined.members, topics, Math.min(...topics.map((topic) => link.partitionsOf(topic))))
      : [];
    const { memberAssignment } = await coordinator.syncGroup({ groupId: group, generationId, memberId, groupAssignment });
    owned = numbersOf(memberAssignment, topics);
    return { coordinator, generationId, memberId };
  };
  const lose = (): void => {
    if (!membership) return;
    membership = null;
    listener.onLost();
  };
  /** True = still a member; false = the loop has to join again. */
  const beat = async (): Promise<boolean> => {
    const current = membership;
    if (!current) return false;
    try {
      await current.coordinator.heartbeat({ groupId: group, groupGenerationId: current.generationId, memberId: current.memberId });
      return membership === current;
    } catch (error) {
      if (expelledTypes.has(typeOf(error))) {
        memberId = '';
        owned = [];
      } else if (typeOf(error) !== 'REBALANCE_IN_PROGRESS') {
        throw error;
      }
      if (membership === current) lose();
      rejoinNow?.();
      return false;
    }
  };
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      rejoinNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  /** Beats until membership ends; a coordinator that does not answer is looked for until the session must be over. */
  const stay = async (): Promise<void> => {
    let answeredAtMs = performance.now();
    while (!stopped && membership) {
      await pause(heartbeatMs);
      if (stopped || !membership) return;
      try {
        if (!(await beat())) return;
        answeredAtMs = performance.now();
      } catch {
        if (performance.now() - answeredAtMs > sessionTimeoutMs) return lose();
        await findCoordinatorAgain();
      }
    }
  };
  const findCoordinatorAgain = async (): Promise<void> => {
    try {
      await link.refresh();
      const coordinator = await link.groupCoordinator(group);
      if (membership) membership = { ...membership, coordinator };
    } catch {
      // Asked again with the next beat, until the session is over.
    }
  };
  const isPassing = (error: unknown): boolean => ['transient', 'dependency', 'fenced'].includes(classifyError(error).kind);
  const joinOnce = async (): Promise<void> => {
    try {
      const joined = await join();
      if (stopped) return;
      membership = joined;
      listener.onAssigned(owned);
    } catch (error) {
      if (expelledTypes.has(typeOf(error))) memberId = '';
      if (!isPassing(error)) throw error;
      await sleep(rejoinDelayMs);
    }
  };
  const live = async (): Promise<void> => {
    while (!stopped) {
      await joinOnce();
      await stay();
    }
  };
  const living = live().catch((error: unknown) => {
    lose();
    if (!stopped) listener.onFatal(error);
  });

  return {
    confirm: beat,
    async commitPositions(positions: readonly PositionToCommit[]) {
      const current = membership;
      if (!current) return;
      const byTopic = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition, offset, metadata }) => ({ partition, offset: String(offset), metadata })),
      }));
      const { coordinator, generationId } = current;
      await coordinator.offsetCommit({ groupId: group, groupGenerationId: generationId, memberId: current.memberId, topics: byTopic });
    },
    async leave() {
      stopped = true;
      const current = membership;
      membership = null;
      rejoinNow?.();
      await current?.coordinator.leaveGroup({ groupId: group, memberId: current.memberId }).then(
        () => memory.forget(group),
        () => undefined,
      );
      await link.close();
      await living;
    },
  };
}
