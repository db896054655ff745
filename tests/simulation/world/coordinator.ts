import type { GroupMember, MemoryBroker } from '@vigil/kafka';
import type { ProcessLife } from './process-life.ts';
import type { SimClock } from './sim-clock.ts';

/** The side of the group coordinator that keeps time: heartbeats, and sessions that end without them. */
export interface Coordinator {
  /** Takes a process into a group, for one session unless heartbeats follow. */
  enter(group: string, life: ProcessLife, join: () => Promise<GroupMember>): Promise<JoinedMember>;
  /** Forgets the members of a process, without telling it. */
  expel(life: ProcessLife): void;
}

/** A member with the heartbeats that it has to begin once it knows that it joined. */
export interface JoinedMember extends GroupMember {
  beginHeartbeats(): void;
}

interface Session {
  readonly group: string;
  readonly id: string;
  readonly life: ProcessLife;
  readonly member: GroupMember;
  heardMs: number;
}

export interface CoordinatorOptions {
  readonly clock: SimClock;
  readonly broker: MemoryBroker;
  readonly sessionTimeoutMs: number;
}

const heartbeatMs = 1_000;

export function createCoordinator({ clock, broker, sessionTimeoutMs }: CoordinatorOptions): Coordinator {
  const sessions = new Set<Session>();
  const isMember = ({ group, id }: Session): boolean => broker.members(group).includes(id);

  const beat = (session: Session): void => {
    if (!session.life.isAlive || !sessions.has(session)) return;
    clock.after(heartbeatMs, () => session.life.deliver(() => beat(session)));
    if (!session.life.isReachable) return;
    session.heardMs = clock.now();
    // The answer to the heartbeat of a member that was expelled: it joins anew.
    if (!isMember(session)) void session.member.confirm().catch(() => undefined);
  };
  const sweep = (): void => {
    clock.after(heartbeatMs, sweep);
    for (const session of sessions) {
      const silentMs = clock.now() - session.heardMs;
      if (silentMs > sessionTimeoutMs && isMember(session)) broker.expel(session.group, [session.id]);
    }
  };
  sweep();

  return {
    async enter(group, life, join) {
      const before = new Set(broker.members(group));
      const member = await join();
      const id = broker.members(group).find((each) => !before.has(each)) as string;
      const session: Session = { group, id, life, heardMs: clock.now(), member };
      sessions.add(session);
      return {
        ...member,
        beginHeartbeats: () => beat(session),
        async leave() {
          sessions.delete(session);
          await member.leave();
        },
      };
    },
    expel(life) {
      for (const session of sessions) if (session.life === life && isMember(session)) broker.expel(session.group, [session.id]);
    },
  };
}
