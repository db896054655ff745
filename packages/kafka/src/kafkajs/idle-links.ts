import type { ClusterLink } from './cluster-link.ts';

export interface IdleLinks {
  /** One that was left, else a new one. */
  readonly take: () => ClusterLink;
  /** Left in order: no request under way, none failed. */
  readonly leave: (link: ClusterLink) => void;
}

export interface IdleLinkLimits {
  /** Well below what a broker takes for a dead connection (10 min by default). */
  readonly idleMs?: number;
  readonly most?: number;
}

/**
 * Connections for whoever needs a producer for a moment, as each file of a batch does: connecting, naming versions and
 * reading metadata cost more than its transaction. Identity and fencing are of the producer, not of its connection.
 */
export function createIdleLinks(open: () => ClusterLink, { idleMs = 10_000, most = 32 }: IdleLinkLimits = {}): IdleLinks {
  const idle = new Map<ClusterLink, NodeJS.Timeout>();
  return {
    take() {
      const [link] = [...idle.keys()].slice(-1);
      if (link === undefined) return open();
      clearTimeout(idle.get(link));
      idle.delete(link);
      return link;
    },
    leave(link) {
      const close = (): void => {
        idle.delete(link);
        // Nobody waits for it: what fails while an idle connection is closed matters to nobody.
        void link.close().catch(() => undefined);
      };
      if (idle.size >= most) close();
      else idle.set(link, setTimeout(close, idleMs).unref());
    },
  };
}
