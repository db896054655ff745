/**
 * What an instance remembers of its memberships beyond its life, so that its successor after a crash takes over at once
 * and not only when the dead member's session has ended.
 */
export interface MemberMemory {
  /** Member id under which the coordinator may still know a predecessor that lives no more; null = there is none. */
  predecessorOf(group: string): string | null;
  remember(group: string, memberId: string): void;
  forget(group: string): void;
}

export const noMemberMemory: MemberMemory = Object.freeze({
  predecessorOf: () => null,
  remember: () => undefined,
  forget: () => undefined,
});
