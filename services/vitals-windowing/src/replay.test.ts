import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readMimicNumerics, readPhysioNet2019, sharedData, type RecordedStay, type ReplayFrom } from '@vigil/testing';
import { summariseReplay } from '../test-support/summarise-replay.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const golden = JSON.parse(readFileSync(new URL('../test-support/replay-summary.json', import.meta.url), 'utf8')) as Record<string, unknown>;

/** 200 stays at one row an hour, and one bedside monitor over 32 hours at one row a minute. */
const recordings: readonly [name: string, folder: string, read: (folder: string, from: ReplayFrom) => RecordedStay[]][] = [
  ['PhysioNet 2019 set B', 'physionet2019/setB', readPhysioNet2019],
  ['MIMIC numerics', 'mimic3wdb-numerics', readMimicNumerics],
];

test.each(recordings)('%s: alerts per patient-day and exclusions are those of the golden summary', (name, folder, read) => {
  const directory = sharedData(folder);
  if (directory === null) return;

  const { summary, differences } = summariseReplay(read(directory, { startMs }));
  expect(differences).toBe(0);
  expect(summary).toEqual(golden[name]);
});
