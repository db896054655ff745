import { expect, test } from '@jest/globals';
import { createReferenceResolver, type DatabaseAccess } from '@vigil/sources';
import { slotStandings } from './slot-standing.ts';

const urls = {
  A: 'postgres://one@db.example/research',
  B: 'postgres://two:secret@DB.example:5432/research',
  ELSEWHERE: 'postgres://db.example/other',
};
/** What is said of slot `s` of `noted`, where a source reads a slot of `declared`. */
function standingOf(noted: string, declared: string, slot = 's') {
  const source = {
    kind: 'cdc',
    records: 'trial_outcomes',
    address: { env: declared },
    publication: 'p',
    slot,
    tables: { t: { key: ['id'] } },
  };
  const standings = slotStandings({ renamed: source } as unknown as Parameters<typeof slotStandings>[0], createReferenceResolver(urls));
  const access: DatabaseAccess = { address: { env: noted } };
  return standings({ source: 'x', slot: 's', table: 't', publication: 'p', access });
}

test.each([
  ['the reference is the same, set here or not', 'NOT_SET', 'NOT_SET', 'declared'],
  ['another reference, and another login, name the same database', 'A', 'B', 'declared'],
  ['it is in another database', 'A', 'ELSEWHERE', 'forgotten'],
  ['the noted address is not set', 'NOT_SET', 'A', 'unknown'],
  ['the declared address is not set', 'A', 'NOT_SET', 'unknown'],
])('a slot of a name that is declared, where %s', (_why, noted, declared, standing) => {
  expect(standingOf(noted, declared)).toBe(standing);
});

test('a slot of a name that nobody declares is forgotten, wherever it is', () => {
  expect([standingOf('A', 'A', 'other'), standingOf('NOT_SET', 'A', 'other')]).toEqual(['forgotten', 'forgotten']);
});
