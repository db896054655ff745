import { expect, test } from '@jest/globals';
import { dispositions, duplicate, emit, emitAggregate, late, processed, rejected, suppressed, type Outcome } from './outcome.ts';

const topic = { name: 't' };

test('every outcome has one of the five dispositions', () => {
  const outcomes: Outcome[] = [processed(), late(true), duplicate, rejected('NOT_JSON'), suppressed('consent')];

  expect(outcomes.map(({ disposition }) => disposition).sort()).toEqual([...dispositions].sort());
});

test('outcomes carry what they are given', () => {
  const emission = emit(topic, 'key', { n: 1 });

  expect(processed([emission])).toEqual({ disposition: 'processed', emissions: [emission] });
  expect(late(false)).toEqual({ disposition: 'late', corrected: false, emissions: [] });
  expect(rejected('BAD_ID')).toEqual({ disposition: 'rejected', code: 'BAD_ID' });
  expect(suppressed('consent')).toEqual({ disposition: 'suppressed', reason: 'consent' });
});

test('a record made of many belongs to no single batch', () => {
  expect(emit(topic, 'k', 1).lineage).toBe('record');
  expect(emitAggregate(topic, 'k', 1).lineage).toBe('aggregate');
});
