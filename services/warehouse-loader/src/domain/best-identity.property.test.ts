import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IdentityObserved } from '@vigil/contracts';
import { identityEffects, type IdentityChange } from './best-identity.ts';

const identity = (change: Partial<IdentityObserved>): IdentityObserved => ({
  patientToken: 't',
  sealed: Buffer.of(1),
  keyId: 'k',
  observedAt: 1,
  source: 'registry',
  told: 0,
  ...change,
});
const effectOf = (...changes: Omit<IdentityChange, 'patientToken'>[]) =>
  identityEffects(changes.map((change) => ({ patientToken: 't', ...change }))).get('t');
const told = (value: IdentityObserved) => ({ source: value.source === 'claims' ? 'claims' : 'registry', value }) as const;
const bestOf = (...values: IdentityObserved[]) => effectOf(...values.map(told))?.best;
const withdrawn = (source: IdentityChange['source']) => ({ source, value: null });

test('what claims tell never replaces what a registry told, however late and rich; a registry replaces claims', () => {
  const registry = identity({ observedAt: 1 });
  const claims = identity({ source: 'claims', told: 5, observedAt: 9 });

  expect(bestOf(registry, claims)).toBe(registry);
  expect(bestOf(claims, registry)).toBe(registry);
});

test('of claims a poorer one never replaces a richer, of equals the later counts', () => {
  const rich = identity({ source: 'claims', told: 5, observedAt: 1 });
  const poor = identity({ source: 'claims', told: 1, observedAt: 2 });
  const later = identity({ source: 'claims', told: 5, observedAt: 3 });

  expect(bestOf(rich, poor)).toBe(rich);
  expect(bestOf(later, rich, poor)).toBe(later);
});

test('a registry’s withdrawal empties the row first, whatever follows it in the batch', () => {
  const claims = identity({ source: 'claims', told: 1 });
  expect(effectOf(told(identity({})), withdrawn('registry'))).toEqual({ emptied: 'all', best: null });
  expect(effectOf(withdrawn('registry'), told(claims))).toEqual({ emptied: 'all', best: claims });
  expect(effectOf(withdrawn('registry'), told(claims), withdrawn('claims'))).toEqual({ emptied: 'all', best: null });
});

test('what claims withdraw takes nothing from a registry', () => {
  const registry = identity({});
  const claims = identity({ source: 'claims', told: 1 });
  expect(effectOf(told(registry), withdrawn('claims'))).toEqual({ emptied: 'claims', best: registry });
  expect(effectOf(told(claims), withdrawn('claims'))).toEqual({ emptied: 'claims', best: null });
  expect(effectOf(told(claims))).toEqual({ emptied: 'nothing', best: claims });
});

test('the order in which partitions are read makes no difference', () => {
  const records = fc.uniqueArray(
    fc.record({
      source: fc.constantFrom('registry', 'claims'),
      told: fc.integer({ min: 0, max: 3 }),
      observedAt: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: 1, maxLength: 8, selector: ({ source, told, observedAt }) => `${source} ${told} ${observedAt}` },
  );
  fc.assert(
    fc.property(records, fc.func(fc.integer()), (list, rank) => {
      const identities = list.map((each) => identity(each.source === 'registry' ? { ...each, told: 0 } : each));
      const shuffled = [...identities].sort((a, b) => rank(a) - rank(b));
      const { source, told, observedAt } = bestOf(...identities) as IdentityObserved;
      expect(bestOf(...shuffled)).toMatchObject({ source, told, observedAt });
    }),
  );
});
