import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemberFiles } from './member-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-members-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = join(directory, 'a%2Fgroup.json');
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;
const remembered = (over: object) =>
  writeFileSync(file, JSON.stringify({ memberId: 'm-1', pid: deadPid(), host: hostname(), startedAtMs: 1, ...over }));

test('a process that is gone is a predecessor; one that lives, is of another host or left is none', () => {
  const members = createMemberFiles(directory);
  expect(members.predecessorOf('a/group')).toBeNull();

  remembered({});
  expect(members.predecessorOf('a/group')).toBe('m-1');
  remembered({ pid: process.ppid });
  expect(members.predecessorOf('a/group')).toBeNull();
  remembered({ host: 'elsewhere' });
  expect(members.predecessorOf('a/group')).toBeNull();
  remembered({ pid: process.pid });
  expect(members.predecessorOf('a/group')).toBe('m-1');
  remembered({ pid: process.pid, startedAtMs: performance.timeOrigin });
  expect(members.predecessorOf('a/group')).toBeNull();
  members.forget('a/group');
  expect(members.predecessorOf('a/group')).toBeNull();
});

test('a membership is remembered for the next process, and a file that was cut off is none', () => {
  const members = createMemberFiles(join(directory, 'deeper', 'still'));
  members.remember('g', 'm-2');
  expect(JSON.parse(readFileSync(join(directory, 'deeper/still/g.json'), 'utf8'))).toMatchObject({ memberId: 'm-2', pid: process.pid });

  for (const content of ['{"memb', 'null', '{"memberId":1,"pid":2,"host":"x"}']) {
    writeFileSync(file, content);
    expect(createMemberFiles(directory).predecessorOf('a/group')).toBeNull();
  }
});

test('a file that cannot be written keeps nobody from being a member', () => {
  const gone = join(directory, 'gone');
  const members = createMemberFiles(gone);
  rmSync(gone, { recursive: true });

  expect(() => members.remember('g', 'm-3')).not.toThrow();
  expect(() => members.forget('g')).not.toThrow();
  expect(members.predecessorOf('g')).toBeNull();
});
