import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contractProblems } from '../generation/generate-contracts.ts';
import { readSchemas } from '../generation/schema-files.ts';
import { sensitivityProblems } from './sensitivity-problems.ts';

const root = join(import.meta.dirname, '../../../..');
const fixtures = join(import.meta.dirname, '../../test-support/fixtures');

test('every field of every schema says what it is and what de-identification does with it', () => {
  expect(readSchemas(root).flatMap(({ path, schema }) => sensitivityProblems(path, schema))).toEqual([]);
});

test('a field without a classification is named with its file, and so is everything else that can be wrong', () => {
  const path = 'schemas/ward/bed-moved.v1.avsc';

  expect(contractProblems(join(fixtures, 'unclassified')).filter((problem) => problem.startsWith(path))).toEqual([
    `${path}: BedMoved.bedId has no phi`,
    `${path}: BedMoved.movedAt has no deid`,
    `${path}: BedMoved.nurse has a phi that is not of the vocabulary`,
    `${path}: BedMoved.floor has a deid that is not of the vocabulary`,
    `${path}: BedMoved.wing has a deid that is not of the vocabulary`,
    `${path}: BedMoved.wing has no doc`,
    `${path}: BedMoved.patient is name and must not be kept`,
    `${path}: BedMoved.at deid rule elapsed takes timestamp-millis, not long`,
    `${path}: BedMoved.notes is kept, but every field of Note is dropped`,
    `${path}: BedMoved: two deid rules give elapsedMs`,
    `${path}: Note.text has no doc`,
  ]);
});
