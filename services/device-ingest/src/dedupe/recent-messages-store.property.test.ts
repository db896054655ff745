import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { StoreChange } from '@vigil/kafka';
import { recentMessagesStore, rememberedSeconds } from './recent-messages-store.ts';

/** Few hashes, so that they repeat; words that share low bits, so that they collide in the table. */
const hashOf = (id: number): number[] => [(id % 3) << 10, id, 7, 0];

/** The specification: when each message was last taken. */
class Model {
  private readonly taken = new Map<number, number>();
  private readonly before: [number, number | undefined][] = [];

  remember(id: number, second: number): boolean {
    const last = this.taken.get(id);
    if (last !== undefined && second - last <= rememberedSeconds) return false;
    this.before.push([id, last]);
    this.taken.set(id, second);
    return true;
  }

  merge(): void {
    this.before.length = 0;
  }

  rollback(): void {
    for (const [id, last] of this.before.splice(0).reverse()) {
      if (last === undefined) this.taken.delete(id);
      else this.taken.set(id, last);
    }
  }
}

/** What compaction leaves of a changelog: the last record of each key, in the order of writing. */
class Changelog {
  private readonly records = new Map<string, object | null>();

  append(changes: readonly StoreChange[]): void {
    for (const { key, value } of changes) {
      this.records.delete(key);
      this.records.set(key, value);
    }
  }

  restoreInto(store: ReturnType<typeof recentMessagesStore.open>): void {
    for (const [key, value] of this.records) store.restore(key, value);
  }

  get size(): number {
    return this.records.size;
  }
}

const start = 1_710_513_000;
const taking = fc.record({ do: fc.constant('take' as const), id: fc.nat({ max: 200 }), pause: fc.constantFrom(0, 1, 60, 900, 4300) });
const ending = fc.record({ do: fc.constantFrom('commit' as const, 'abort' as const, 'crash' as const) });
const steps = fc.array(fc.oneof({ weight: 6, arbitrary: taking }, ending), { maxLength: 400 });

test('after any batches, aborts and restarts the store answers as the specification', () => {
  fc.assert(
    fc.property(steps, (script) => {
      let store = recentMessagesStore.open();
      const model = new Model();
      const changelog = new Changelog();
      let second = start;
      let committedSecond = start;
      for (const step of script) {
        if (step.do === 'take') {
          second += step.pause;
          store.view.advanceTo(second);
          expect(store.view.remember(hashOf(step.id), second)).toBe(model.remember(step.id, second));
        } else if (step.do === 'commit') {
          changelog.append(store.changes());
          store.merge();
          model.merge();
          committedSecond = second;
        } else {
          if (step.do === 'crash') store = recentMessagesStore.open();
          else store.rollback();
          if (step.do === 'crash') changelog.restoreInto(store);
          model.rollback();
          second = committedSecond;
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a store that lives on and one restored from its changelog go on alike', () => {
  fc.assert(
    fc.property(steps, fc.array(taking, { maxLength: 100 }), (script, after) => {
      const store = recentMessagesStore.open();
      const changelog = new Changelog();
      let second = start;
      const take = (view: typeof store.view, id: number, at: number) => {
        view.advanceTo(at);
        return view.remember(hashOf(id), at);
      };
      for (const step of script) {
        if (step.do === 'take') take(store.view, step.id, (second += step.pause));
        else {
          changelog.append(store.changes());
          store.merge();
        }
      }
      changelog.append(store.changes());
      store.merge();
      const restored = recentMessagesStore.open();
      changelog.restoreInto(restored);

      for (const step of after) {
        second += step.pause;
        expect(take(restored.view, step.id, second)).toBe(take(store.view, step.id, second));
      }
    }),
    { numRuns: 200 },
  );
});
