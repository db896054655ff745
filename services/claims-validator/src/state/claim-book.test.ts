import { expect, jest, test } from '@jest/globals';
import {
  compileReader,
  createWireEncoder,
  schemas,
  wireHeaderBytes,
  type AvroWriter,
  type ClaimAdjudicated,
  type KnownClaim,
} from '@vigil/contracts';
import type { StateStore } from '@vigil/kafka';
import { claimBookStore, keptDays, type ClaimBook } from './claim-book.ts';
import { ServiceIndex } from './service-index.ts';

const dayMs = 86_400_000;
const day = 19_800;

const defaults = Object.fromEntries(
  (schemas.claimAdjudicated as { fields: readonly { name: string; default?: unknown }[] }).fields.map(({ name, default: value }) => [
    name,
    value ?? null,
  ]),
) as unknown as ClaimAdjudicated;

interface Told {
  readonly id: string;
  /** Day of the decision. */
  readonly on: number;
  readonly member?: string;
  readonly status?: string;
  readonly days?: readonly number[];
  /** Decisions that were told before. */
  readonly earlier?: readonly string[];
}

const aClaim = ({ id, on, member = 'm', status = 'decided', days = [day], earlier = [] }: Told): KnownClaim => ({
  status,
  waiting: status === 'waiting' ? id : '',
  earlier: [],
  contributions: [],
  instead: '',
  earlierDecisions: earlier,
  rendering: days.map((_, index) => `HAND_${index + 1}`),
  decision: {
    ...defaults,
    decisionId: id,
    submissionId: id,
    memberToken: member,
    providerId: 'PROV',
    serviceFrom: day,
    decidedAt: on * dayMs,
    lines: days.map((serviceFrom, index) => ({
      line: index + 1,
      procedureCode: '99213',
      revenueCode: '',
      modifiers: ['25'],
      unitsThousandths: 1_000,
      serviceFrom: serviceFrom === day ? null : serviceFrom,
      chargeCents: 100,
      allowedCents: 90,
      paidCents: 80,
      patientCents: 10,
      denied: false,
      adjustments: [],
      rarc: [],
      reasons: [],
    })),
  },
});

const read = compileReader<KnownClaim>(schemas.knownClaim);
const encode = createWireEncoder();
const rowOf = (value: object | null): KnownClaim | null =>
  value && read(encode(1, claimBookStore.write as AvroWriter<object>, value), wireHeaderBytes);

/** Puts a claim in a commit of its own, and keeps what the changelog gets. */
function commit(store: StateStore<ClaimBook>, told: Told, log: [string, KnownClaim | null][] = []): void {
  store.view.put(told.id, aClaim(told), told.on);
  for (const { key, value } of store.changes()) log.push([key, rowOf(value)]);
  store.merge();
}
const idsOn = (store: StateStore<ClaimBook>, on: number, { member = 'm', today = day } = {}) =>
  store.view.services(member, on, today).map(({ submissionId, line }) => `${submissionId}.${line}`);

test('the book tells how much a commit will write, so that a transaction can be bounded by it', () => {
  const store = claimBookStore.open();
  expect([store.changeCount(), store.changedBytes()]).toEqual([0, 0]);
  for (const id of ['a', 'b']) store.view.put(id, aClaim({ id, on: day }), day);
  expect(store.changeCount()).toBe(2);
  const two = store.changedBytes();
  store.view.put('c', aClaim({ id: 'c', on: day, days: Array.from({ length: 999 }, () => day) }), day);
  // A line cannot take less than its numbers: ten bytes and more.
  expect([store.changeCount(), store.changedBytes() > two + 9_990]).toEqual([3, true]);
  store.merge();
  expect([store.changeCount(), store.changedBytes()]).toEqual([0, 0]);
});

test('services are found by member and day, also those of a line with a day of its own', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day, days: [day, day + 1] });
  commit(store, { id: 'b', on: day });
  store.view.put('c', aClaim({ id: 'c', on: day, member: 'other' }), day);

  expect([idsOn(store, day), idsOn(store, day + 1), idsOn(store, day + 2)]).toEqual([['a.1', 'b.1'], ['a.2'], []]);
  expect(idsOn(store, day, { member: 'other' })).toEqual(['c.1']);
  expect(store.view.services('m', day + 1, day)[0]).toEqual({
    claimId: '',
    scope: '',
    submissionId: 'a',
    line: 2,
    providerId: 'PROV',
    renderingProviderId: 'HAND_2',
    procedureCode: '99213',
    revenueCode: '',
    modifiers: ['25'],
    serviceFrom: day + 1,
    unitsThousandths: 1_000,
    chargeCents: 100,
    paidCents: 80,
    denied: false,
  });
});

test('what was taken back, waits or was never committed has no services', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day });
  commit(store, { id: 'a', on: day, status: 'reversed' });
  commit(store, { id: 'b', on: day, status: 'waiting' });
  store.view.put('c', aClaim({ id: 'c', on: day }), day);
  expect(idsOn(store, day)).toEqual(['c.1']);
  store.rollback();
  expect(idsOn(store, day)).toEqual([]);
});

test('an id that another member takes over brings no services to the first', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day });
  commit(store, { id: 'a', on: day, member: 'other' });

  expect([idsOn(store, day), idsOn(store, day, { member: 'other' })]).toEqual([[], ['a.1']]);
});

test('a decision can be taken back for two years and a day, and is forgotten then', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day });

  expect(store.view.get('a', day + keptDays)?.status).toBe('decided');
  expect(store.view.get('a', day + keptDays + 1)).toBeUndefined();
  expect(idsOn(store, day, { today: day + keptDays })).toEqual(['a.1']);
  expect(idsOn(store, day, { today: day + keptDays + 1 })).toEqual([]);
});

test('with each new claim the two oldest are forgotten when they are too old, but never one that waits', () => {
  const log: [string, KnownClaim | null][] = [];
  const store = claimBookStore.open();
  for (const id of ['a', 'b', 'c']) commit(store, { id, on: day }, log);
  commit(store, { id: 'w', on: day, status: 'waiting' }, log);
  commit(store, { id: 'd', on: day + 1 }, log);
  const later = day + keptDays + 1;
  commit(store, { id: 'x', on: later }, log);
  expect(log.slice(5)).toMatchObject([
    ['x', {}],
    ['a', null],
    ['b', null],
  ]);

  commit(store, { id: 'y', on: later }, log);
  commit(store, { id: 'z', on: later }, log);
  const held = new Map(log);
  expect([...held].filter(([, row]) => row).map(([key]) => key)).toEqual(['w', 'd', 'x', 'y', 'z']);
  expect(store.view.get('w', later + 1_000)?.status).toBe('waiting');
});

test('a claim that waits for longer than anything is kept is not written again for those that come', () => {
  const log: [string, KnownClaim | null][] = [];
  const store = claimBookStore.open();
  for (const id of ['v', 'w']) commit(store, { id, on: day, status: 'waiting' }, log);
  for (const id of ['a', 'b', 'c']) commit(store, { id, on: day }, log);
  log.length = 0;
  const later = day + keptDays + 1;
  for (const id of ['x', 'y', 'z']) commit(store, { id, on: later }, log);

  const written = log.map(([key, row]) => (row === null ? `-${key}` : key));
  expect(written.filter((key) => key === 'v' || key === 'w')).toEqual([]);
  // Nor do they keep the others from being forgotten.
  expect(written.toSorted()).toEqual(['-a', '-b', '-c', 'x', 'y', 'z']);
  expect(store.view.get('w', later)?.status).toBe('waiting');

  // Decided at last it is as young as its decision; taken back, it waits again.
  store.view.put('w', aClaim({ id: 'w', on: later }), later);
  expect(idsOn(store, day, { today: later })).toEqual(['w.1', 'x.1', 'y.1', 'z.1']);
  store.rollback();
  commit(store, { id: 'w', on: later }, log);
  commit(store, { id: 'q', on: later + keptDays + 1 }, log);
  commit(store, { id: 'r', on: later + keptDays + 1 }, log);
  expect(log.slice(-6).map(([key, row]) => (row === null ? `-${key}` : key))).toEqual(['q', '-x', '-y', 'r', '-z', '-w']);
});

test('what is forgotten in a batch that is taken back is found again', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day });
  const later = day + keptDays + 1;
  store.view.put('x', aClaim({ id: 'x', on: later }), later);
  store.rollback();

  expect(idsOn(store, day, { today: later - 1 })).toEqual(['a.1']);
});

test('a claim that is decided for another member or day is looked for where it was only until that is committed', () => {
  const asked: string[] = [];
  const store = claimBookStore.open();
  const spy = jest.spyOn(ServiceIndex.prototype, 'keysOf');
  const heldOn = (on: number, member = 'm'): void => {
    store.view.services(member, on, day);
    const [found] = spy.mock.results.splice(0);
    asked.push((found as { readonly value: readonly string[] }).value.join());
  };
  try {
    commit(store, { id: 'a', on: day, days: [day, day + 1] });
    store.view.put('a', aClaim({ id: 'a', on: day, member: 'n' }), day);
    store.rollback();
    for (const on of [day, day + 1]) heldOn(on);
    heldOn(day, 'n');
    expect(asked.splice(0)).toEqual(['a', 'a', '']);

    commit(store, { id: 'a', on: day, days: [day + 1] });
    for (const on of [day, day + 1]) heldOn(on);
    store.restore('a', aClaim({ id: 'a', on: day, days: [day + 2] }));
    for (const on of [day + 1, day + 2]) heldOn(on);
    store.restore('a', null);
    heldOn(day + 2);
    expect(asked).toEqual(['', 'a', '', 'a', '']);
  } finally {
    spy.mockRestore();
  }
});

test('forgetting goes on after a batch that was taken back and after a restart', () => {
  const log: [string, KnownClaim | null][] = [];
  const store = claimBookStore.open();
  for (const id of ['a', 'b', 'c']) commit(store, { id, on: day }, log);
  const later = day + keptDays + 1;
  store.view.put('x', aClaim({ id: 'x', on: later }), later);
  store.rollback();
  const restored = claimBookStore.open();
  for (const [key, row] of log) restored.restore(key, row);

  for (const each of [store, restored]) {
    const changes: [string, KnownClaim | null][] = [];
    commit(each, { id: 'x', on: later }, changes);
    expect(changes.map(([key, row]) => [key, row === null])).toEqual([
      ['x', false],
      ['a', true],
      ['b', true],
    ]);
    expect(idsOn(each, day, { today: later - 1 })).toEqual(['c.1', 'x.1']);
  }
});

test('a claim that is decided anew is as young as its last decision', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day });
  commit(store, { id: 'b', on: day });
  commit(store, { id: 'a', on: day + 500 });
  commit(store, { id: 'c', on: day + keptDays + 1 });

  expect(store.view.get('a', day + keptDays + 1)?.decision.decidedAt).toBe((day + 500) * dayMs);
  expect(store.view.get('b', day + keptDays)).toBeUndefined();
});

test('a cleared book is an empty one, and a deleted row leaves nothing', () => {
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day });
  store.clear();
  store.restore('a', null);

  expect([store.view.get('a', day), idsOn(store, day)]).toEqual([undefined, []]);
  commit(store, { id: 'b', on: day });
  expect(idsOn(store, day)).toEqual(['b.1']);
});

test('a claim is found by the decisions that were told about it, until it is forgotten', () => {
  const log: [string, KnownClaim | null][] = [];
  const store = claimBookStore.open();
  commit(store, { id: 'a', on: day, earlier: ['a0'] }, log);
  commit(store, { id: 'b', on: day }, log);
  commit(store, { id: 'w', on: day, status: 'waiting' }, log);
  const restored = claimBookStore.open();
  for (const [key, row] of log) restored.restore(key, row);

  for (const { view } of [store, restored]) {
    const keys = (today: number) => ['a', 'a0', 'b', 'w', 'z'].map((id) => view.keyOfDecision(id, today));
    expect(keys(day + keptDays)).toEqual(['a', 'a', 'b', undefined, undefined]);
    expect(keys(day + keptDays + 1)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  }
  restored.restore('b', null);
  expect([restored.view.keyOfDecision('b', day), idsOn(restored, day)]).toEqual([undefined, ['a.1']]);
});

test('a decision that was never committed leads nowhere, and one that another took the place of leads to it', () => {
  const store = claimBookStore.open();
  store.view.put('a', aClaim({ id: 'a', on: day }), day);
  store.rollback();
  expect(store.view.keyOfDecision('a', day)).toBeUndefined();

  commit(store, { id: 'a', on: day });
  store.view.put('a', { ...aClaim({ id: 'a2', on: day }), earlierDecisions: ['a'] }, day);
  expect(['a', 'a2'].map((id) => store.view.keyOfDecision(id, day))).toEqual(['a', 'a']);
  store.clear();
  expect(store.view.keyOfDecision('a', day)).toBeUndefined();
});
