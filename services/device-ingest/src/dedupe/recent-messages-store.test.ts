import { expect, test } from '@jest/globals';
import type { RecentMessages } from '@vigil/contracts';
import { recentMessagesStore, rememberedSeconds } from './recent-messages-store.ts';

const hashOf = (id: number): number[] => [Math.imul(id, 0x9e3779b1) >>> 0, id, id ^ 0xffff, Math.imul(id, 0x85ebca6b) >>> 0];
const start = 1_710_513_000;

function commit(store: ReturnType<typeof recentMessagesStore.open>) {
  const changes = store.changes();
  store.merge();
  return changes;
}

test('a message is a repeat for an hour of ingestion time, whatever else was taken', () => {
  const store = recentMessagesStore.open();
  store.view.remember(hashOf(1), start);
  for (let id = 2; id < 5000; id++) store.view.remember(hashOf(id), start + 1);
  commit(store);

  expect(store.view.remember(hashOf(1), start + rememberedSeconds)).toBe(false);
  expect(store.view.remember(hashOf(1), start + rememberedSeconds + 1)).toBe(true);
  expect(store.view.remember(hashOf(4999), start)).toBe(false);
});

test('a commit writes one record with all that is new, none when nothing is', () => {
  const store = recentMessagesStore.open();
  for (let id = 0; id < 3; id++) store.view.remember(hashOf(id), start);
  const [change, ...others] = commit(store);

  expect(others).toEqual([]);
  expect(change?.key).toBe('0');
  expect((change!.value as RecentMessages).entries).toHaveLength(60);
  store.view.remember(hashOf(0), start + 1);
  expect(commit(store)).toEqual([]);
});

test('asked twice for its changes a store plans once', () => {
  const store = recentMessagesStore.open();
  store.view.remember(hashOf(1), start);

  expect(store.changes()).toBe(store.changes());
  store.rollback();
  expect(store.changes()).toEqual([]);
});

test('more than a changelog record holds is split', () => {
  const store = recentMessagesStore.open();
  for (let id = 0; id < 40_000; id++) store.view.remember(hashOf(id), start);
  expect([store.changeCount(), store.changedBytes()]).toEqual([2, 655_360 + 144_640]);
  const changes = commit(store);

  expect(store.changeCount()).toBe(0);
  expect(changes.map(({ key, value }) => [key, (value as RecentMessages).entries.length])).toEqual([
    ['0', 655_360],
    ['1', 144_640],
  ]);
});

test('a slot is written again once all its entries have expired: the changelog stays as long as an hour and a bit', () => {
  const store = recentMessagesStore.open();
  const keys = new Set<string>();
  for (let minute = 0; minute < 600; minute++) {
    const second = start + minute * 60;
    store.view.advanceTo(second);
    store.view.remember(hashOf(minute), second);
    for (const { key } of commit(store)) keys.add(key);
  }

  expect(keys.size).toBeGreaterThan(70);
  expect(keys.size).toBeLessThan(75);
});

test('memory follows the last hour: what expired is dropped when a table fills', () => {
  const store = recentMessagesStore.open();
  for (let hour = 0; hour < 10; hour++) {
    for (let id = 0; id < 20_000; id++) store.view.remember(hashOf(hour * 20_000 + id), start + hour * 4300);
    store.view.advanceTo(start + hour * 4300);
    commit(store);
  }

  expect(store.view.size).toBeLessThan(60_000);
});

test('a requeued record, whose time runs ahead of a source with backlog, makes nothing expire', () => {
  const store = recentMessagesStore.open();
  store.view.advanceTo(start);
  store.view.remember(hashOf(1), start);
  commit(store);
  store.view.remember(hashOf(2), start + 86_400);
  for (const { key, value } of commit(store)) expect([key, value]).toEqual(['1', expect.objectContaining({ clockSecond: start })]);
  for (let id = 3; id < 20_000; id++) store.view.remember(hashOf(id), start);

  expect(store.view.remember(hashOf(1), start + 1)).toBe(false);
});

test('a rollback forgets what the batch took and keeps what it found', () => {
  const store = recentMessagesStore.open();
  store.view.remember(hashOf(0), start);
  commit(store);
  const later = start + rememberedSeconds + 1;
  for (let id = 0; id < 10_000; id++) store.view.remember(hashOf(id), later);
  store.rollback();

  expect(store.view.size).toBe(1);
  expect(store.view.remember(hashOf(0), start + 1)).toBe(false);
  expect(store.view.remember(hashOf(1), later)).toBe(true);
});

test('how far an aborted batch had read is forgotten with it', () => {
  const store = recentMessagesStore.open();
  store.view.advanceTo(start);
  store.view.remember(hashOf(1), start);
  commit(store);
  store.view.advanceTo(start + 86_400);
  store.rollback();
  store.view.remember(hashOf(2), start);
  commit(store);
  for (let id = 3; id < 20_000; id++) store.view.remember(hashOf(id), start);

  expect(store.view.remember(hashOf(1), start + 1)).toBe(false);
});

test('restoring skips tombstones and what has expired, at any alignment of the bytes', () => {
  const store = recentMessagesStore.open();
  store.view.advanceTo(start);
  store.view.remember(hashOf(1), start);
  const [change] = commit(store);
  const value = change?.value as RecentMessages;
  const unaligned = Buffer.concat([Buffer.of(0), value.entries]).subarray(1);

  const restored = recentMessagesStore.open();
  restored.restore('5', null);
  restored.restore('0', { ...value, entries: unaligned });
  expect(restored.view.remember(hashOf(1), start)).toBe(false);

  const later = recentMessagesStore.open();
  later.restore('1', { newestSecond: start + 9000, clockSecond: start + 9000, entries: Buffer.alloc(0) });
  later.restore('0', value);
  expect(later.view.size).toBe(0);
});

test('a cleared store knows nothing', () => {
  const store = recentMessagesStore.open();
  store.view.advanceTo(start);
  store.view.remember(hashOf(1), start);
  commit(store);
  store.clear();

  expect(store.view.size).toBe(0);
  expect(store.view.remember(hashOf(1), start)).toBe(true);
  expect(commit(store).map(({ key }) => key)).toEqual(['0']);
});

test('a record without a time is remembered too', () => {
  const store = recentMessagesStore.open();

  expect([store.view.remember(hashOf(1), -1), store.view.remember(hashOf(1), -1)]).toEqual([true, false]);
});
