import { expect, test } from '@jest/globals';
import { createFakeLink, protocolError } from '../../test-support/fake-link.ts';
import { eventually } from '../contract/contract-world.ts';
import type { MemberMemory } from '../ports/member-memory.ts';
import { assignMembers, joinGroup, numbersOf } from './group-member.ts';
import { memberProtocol, type JoinedGroup } from './kafkajs-internals.ts';

const topics = ['a', 'b'];
const memberOf = (memberId: string, userData = Buffer.alloc(0)): JoinedGroup['members'][number] => ({
  memberId,
  memberMetadata: memberProtocol().MemberMetadata.encode({ version: 0, topics, userData }),
});

test('the leader gives whole partition numbers, and a member reads only those it has of every topic', () => {
  const members = [memberOf('m1', Buffer.from('[2,3]')), memberOf('m2', Buffer.from('not json')), memberOf('m3', Buffer.from('{"a":1}'))];
  const assignment = assignMembers(members, topics, 6);
  const numbers = new Map(assignment.map(({ memberId, memberAssignment }) => [memberId, numbersOf(memberAssignment, topics)]));

  expect(numbers.get('m1')).toEqual([2, 3]);
  expect([...numbers.values()].flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  const { MemberAssignment } = memberProtocol();
  expect(numbersOf(MemberAssignment.encode({ version: 0, assignment: { a: [1, 2], b: [2] } }), topics)).toEqual([2]);
  expect(numbersOf(MemberAssignment.encode({ version: 0, assignment: { a: [1] } }), topics)).toEqual([]);
  expect(numbersOf(Buffer.alloc(0), topics)).toEqual([]);
});

function aMember(
  heartbeat: (number: number) => void,
  joinGroupCall?: (number: number) => void,
  { sessionTimeoutMs = 50, memory }: { sessionTimeoutMs?: number; memory?: MemberMemory } = {},
) {
  let joins = 0;
  let beats = 0;
  const { MemberAssignment } = memberProtocol();
  const joinedAs: string[] = [];
  const left: string[] = [];
  const fake = createFakeLink({
    broker: {
      joinGroup: ({ memberId }: { memberId: string }) => {
        joinGroupCall?.(++joins);
        joinedAs.push(memberId);
        return { generationId: joins, leaderId: 'me', memberId: memberId || `me-${joins}`, members: [] };
      },
      syncGroup: () => ({ memberAssignment: MemberAssignment.encode({ version: 0, assignment: { a: [0, 1], b: [0, 1] } }) }),
      heartbeat: () => heartbeat(++beats),
      leaveGroup: ({ memberId }: { memberId: string }) => {
        left.push(memberId);
        if (memberId === 'dead-and-gone') throw protocolError('UNKNOWN_MEMBER_ID');
      },
    },
  });
  const told: string[] = [];
  const listener = {
    onAssigned: (numbers: readonly number[]) => void told.push(`assigned ${numbers.join()}`),
    onLost: () => void told.push('lost'),
    onFatal: (error: unknown) => void told.push(`fatal ${String((error as { type?: unknown }).type)}`),
  };
  const member = joinGroup(fake.link, { group: 'g', topics, sessionTimeoutMs, listener }, memory);
  return { member, told, joinedAs, left, asked: fake.asked };
}

test('a rebalance makes a member lose and join again under its name', async () => {
  const { member, told, joinedAs } = aMember((number) => {
    if (number === 1) throw protocolError('REBALANCE_IN_PROGRESS');
  });
  await eventually(() => told.length === 1, 'it is assigned');
  expect(await member.confirm()).toBe(false);
  await eventually(() => told.length === 3, 'it is assigned again');
  expect(await member.confirm()).toBe(true);
  await member.leave();

  expect(told).toEqual(['assigned 0,1', 'lost', 'assigned 0,1']);
  expect(joinedAs[1]).not.toBe('');
});

test('a member that was expelled joins as a new one', async () => {
  const { member, told, joinedAs } = aMember((number) => {
    if (number === 1) throw protocolError('UNKNOWN_MEMBER_ID');
  });
  await eventually(() => told.length === 1, 'it is assigned');
  expect(await member.confirm()).toBe(false);
  await eventually(() => told.length === 3, 'it is assigned again');
  await member.leave();

  expect(joinedAs).toEqual(['', '']);
});

test('a coordinator that does not answer is looked for, and membership given up with the session', async () => {
  const { member, told, asked } = aMember((number) => {
    if (number < 2) throw protocolError('NOT_COORDINATOR');
  });
  await eventually(() => told.includes('lost'), 'it gives up');
  await eventually(() => told.length >= 3, 'it joins again');
  await expect(member.confirm()).resolves.toBe(true);
  await member.leave();
  expect(asked).toContain('leaveGroup');
});

test('a coordinator that moved is found within the session, and membership goes on', async () => {
  let beats = 0;
  const { member, told, asked } = aMember(
    (number) => {
      beats = number;
      if (number < 2) throw protocolError('NOT_COORDINATOR');
    },
    undefined,
    { sessionTimeoutMs: 60_000 },
  );
  await eventually(() => beats >= 2, 'it beats again');
  await member.leave();

  expect(told).toEqual(['assigned 0,1']);
  expect(asked).toContain('refresh');
});

test('an error of joining that passes is tried again; one that does not is fatal', async () => {
  const passing = aMember(
    () => undefined,
    (number) => {
      if (number === 1) throw protocolError('UNKNOWN_MEMBER_ID');
      if (number === 2) throw protocolError('COORDINATOR_NOT_AVAILABLE');
    },
  );
  await eventually(() => passing.told.length === 1, 'it is assigned');
  await passing.member.leave();
  const refused = aMember(
    () => undefined,
    () => {
      throw protocolError('GROUP_AUTHORIZATION_FAILED');
    },
  );
  await eventually(() => refused.told.length === 1, 'it gives up');

  expect(refused.told).toEqual(['fatal GROUP_AUTHORIZATION_FAILED']);
  expect(await refused.member.confirm()).toBe(false);
  await refused.member.commitPositions([]);
  await refused.member.leave();
});

function aMemory(predecessor: string | null): MemberMemory & { readonly notes: string[] } {
  const notes: string[] = [];
  return {
    notes,
    predecessorOf: () => predecessor,
    remember: (group, memberId) => void notes.push(`${group}: ${memberId}`),
    forget: (group) => void notes.push(`${group} forgotten`),
  };
}

test.each(['dead', 'dead-and-gone'])(
  'a predecessor that lives no more is taken out of the group before its successor joins: %s',
  async (id) => {
    const memory = aMemory(id);
    const { member, told, left, asked } = aMember(() => undefined, undefined, { memory });
    await eventually(() => told.length === 1, 'it is assigned');
    await member.leave();

    expect(asked.indexOf('leaveGroup')).toBeLessThan(asked.indexOf('joinGroup'));
    expect(left).toEqual([id, 'me-0']);
    expect(memory.notes).toEqual(['g forgotten', 'g: me-0', 'g forgotten']);
  },
);

test('a member that joins again has no predecessor', async () => {
  const { member, told, left } = aMember(
    (number) => {
      if (number === 1) throw protocolError('UNKNOWN_MEMBER_ID');
    },
    undefined,
    { memory: aMemory('dead') },
  );
  await eventually(() => told.length === 1, 'it is assigned');
  expect(await member.confirm()).toBe(false);
  await eventually(() => told.length === 3, 'it is assigned again');
  expect(left).toEqual(['dead']);
  await member.leave();
});
