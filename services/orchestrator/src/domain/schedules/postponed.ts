/** Names that are left alone for a while, in this process only: after a restart each is tried once more. */
export interface Postponed {
  add(name: string): void;
  /** Those whose time is not over. */
  list(): readonly string[];
}

/** @param nowMs  a clock that is never set back */
export function createPostponed(forMs: number, nowMs: () => number): Postponed {
  const until = new Map<string, number>();
  return {
    add: (name) => void until.set(name, nowMs() + forMs),
    list() {
      const now = nowMs();
      for (const [name, endsAt] of until) if (endsAt <= now) until.delete(name);
      return [...until.keys()];
    },
  };
}
