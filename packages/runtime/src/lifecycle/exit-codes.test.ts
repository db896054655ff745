import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { exitCodeOf } from './exit-codes.ts';

test.each([
  [new VigilError('BAD_SETTINGS'), 78],
  [new VigilError('TOPIC_MISSING'), 78],
  [new VigilError('BAD_USAGE'), 2],
  [new VigilError('FENCED'), 1],
  [new VigilError('QUARANTINE_LIMIT'), 1],
  [new Error('unknown'), 1],
  ['thrown text', 1],
])('%s ends the process with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
