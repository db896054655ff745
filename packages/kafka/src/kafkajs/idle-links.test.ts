import { expect, jest, test } from '@jest/globals';
import type { ClusterLink } from './cluster-link.ts';
import { createIdleLinks } from './idle-links.ts';

const rig = (limits: Parameters<typeof createIdleLinks>[1]) => {
  const closed: ClusterLink[] = [];
  const links: ClusterLink[] = [];
  const open = (): ClusterLink => {
    const link = { close: async () => void closed.push(link) } as unknown as ClusterLink;
    links.push(link);
    return link;
  };
  return { idle: createIdleLinks(open, limits), closed, links };
};

test('a connection that was left in order is taken by the next, and by one only', () => {
  const { idle, links, closed } = rig({});
  const first = idle.take();
  idle.leave(first);
  expect([idle.take(), idle.take()].map((link) => link === first)).toEqual([true, false]);
  expect([links.length, closed.length]).toEqual([2, 0]);
});

test('what nobody takes is closed after its time; more than are kept are closed at once', () => {
  jest.useFakeTimers();
  try {
    const { idle, closed } = rig({ idleMs: 1000, most: 1 });
    const [first, second] = [idle.take(), idle.take()];
    idle.leave(first);
    idle.leave(second);
    expect(closed).toEqual([second]);
    jest.advanceTimersByTime(1000);
    expect(closed).toEqual([second, first]);
    expect(idle.take()).not.toBe(first);
  } finally {
    jest.useRealTimers();
  }
});
