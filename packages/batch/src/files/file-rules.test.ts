import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fileStates, type FileState } from './file-record.ts';
import { judgeReadiness, type ReadinessRule } from './judge-readiness.ts';
import { moveFile, statesBefore, type FileEvent } from './move-file.ts';
import { observeFile } from './observe-file.ts';

// A row per event: the states in the order of `fileStates`, `.` = refused, else the first letters of what follows.
const table: Readonly<Record<FileEvent, string>> = {
  settled:     'STA . . . . . . . .', // prettier-ignore
  claimed:     '. CLA CLA CLA CLA . . . .', // prettier-ignore
  released:    '. . DIS DIS DIS . . . .', // prettier-ignore
  staged:      '. . STG . . . . . .', // prettier-ignore
  repeated:    '. . DUP . . . . . .', // prettier-ignore
  verified:    '. . . VER . . . . .', // prettier-ignore
  loaded:      '. . . . LOA . . . .', // prettier-ignore
  archived:    '. . . . . ARC . . .', // prettier-ignore
  quarantined: 'QUA QUA QUA QUA QUA . . . .', // prettier-ignore
  requeued:    '. . . . . . . STA STA', // prettier-ignore
};
const short: Readonly<Record<string, FileState>> = {
  DIS: 'DISCOVERED',
  STA: 'STABLE',
  CLA: 'CLAIMED',
  STG: 'STAGED',
  VER: 'VERIFIED',
  LOA: 'LOADED',
  ARC: 'ARCHIVED',
  QUA: 'QUARANTINED',
  DUP: 'DUPLICATE', // prettier-ignore
};

test.each(Object.entries(table))('%s', (event, row) => {
  const expected = row.split(' ').map((cell) => short[cell] ?? null);
  expect(expected).toHaveLength(fileStates.length);
  expect(fileStates.map((state) => moveFile(state, event as FileEvent))).toEqual(expected);
  expect(statesBefore(event as FileEvent)).toEqual(fileStates.filter((_state, index) => expected[index] !== null));
});

test('whatever happens, what was loaded is never loaded again', () => {
  const events = Object.keys(table) as FileEvent[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (history) => {
      let state: FileState = 'DISCOVERED';
      let loads = 0;
      for (const event of history) {
        const next = moveFile(state, event);
        if (next === null) continue;
        if (event === 'loaded') loads++;
        state = next;
      }
      expect(loads).toBeLessThanOrEqual(1);
    }),
  );
});

test.each<[FileState, string, string]>([
  ['DISCOVERED', 'seen', 'replaced'],
  ['STABLE', 'seen', 'replaced'],
  ['CLAIMED', 'seen', 'busy'],
  ['STAGED', 'seen', 'busy'],
  ['VERIFIED', 'seen', 'busy'],
  ['LOADED', 'loaded', 'new'],
  ['ARCHIVED', 'loaded', 'new'],
  ['QUARANTINED', 'settled', 'new'],
  ['DUPLICATE', 'settled', 'new'],
])('a path whose latest revision is %s: the same version is %s, another %s', (state, same, another) => {
  const known = { version: 'a', revision: 3, state, sha256: null };
  expect(observeFile(known, { version: 'a' }).kind).toBe(same);
  const other = observeFile(known, { version: 'b' });
  expect(other).toEqual(another === 'new' ? { kind: 'new', revision: 4 } : { kind: another });
});

test.each<FileState>(['DISCOVERED', 'STABLE'])(
  'a file that is %s and was staged once keeps its content: another one under its path is the next revision',
  (state) => {
    const known = { version: 'a', revision: 3, state, sha256: '00' };
    expect(observeFile(known, { version: 'a' })).toEqual({ kind: 'seen' });
    expect(observeFile(known, { version: 'b' })).toEqual({ kind: 'new', revision: 4 });
  },
);

test('a path that was never seen begins with revision 1', () => {
  expect(observeFile(null, { version: 'a' })).toEqual({ kind: 'new', revision: 1 });
});

test.each<[string, ReadinessRule, string, number, readonly string[], boolean]>([
  ['its marker is missing', { kind: 'marker', suffix: '.done' }, 'a.json', 9, ['a.json', 'b.json.done'], false],
  ['its marker is there', { kind: 'marker', suffix: '.done' }, 'a.json', 1, ['a.json', 'a.json.done'], true],
  ['its manifest is missing', { kind: 'manifest', suffix: '.manifest.json' }, 'a.csv', 9, ['a.csv'], false],
  ['its manifest is there', { kind: 'manifest', suffix: '.manifest.json' }, 'a.csv', 1, ['a.csv.manifest.json'], true],
  ['it was renamed in', { kind: 'rename' }, 'a.csv', 1, [], true],
  ['it has the name of a file that is being written', { kind: 'rename' }, 'in/a.csv.part', 9, [], false],
  ['it is hidden', { kind: 'stable', polls: 1 }, '.a.csv', 9, [], false],
  ['it was seen too seldom', { kind: 'stable', polls: 3 }, 'a.csv', 2, [], false],
  ['it was seen often enough', { kind: 'stable', polls: 3 }, 'a.csv', 3, [], true],
])('whether a file may be taken: %s', (_why, rule, path, polls, listed, ready) => {
  const judged = judgeReadiness(rule, { path, polls, isListed: (name) => listed.includes(name) });
  expect(judged.kind).toBe(ready ? 'ready' : 'waiting');
});
