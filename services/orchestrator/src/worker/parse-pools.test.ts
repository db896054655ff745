import { expect, test } from '@jest/globals';
import { parsePools } from './parse-pools.ts';

test('a worker serves the pools that it names, each once', () => {
  expect(parsePools(['--pool', 'batch'])).toEqual(['batch']);
  expect(parsePools(['--pool', 'default,stream,default'])).toEqual(['default', 'stream']);
});

test.each([[[]], [['--pool', '']], [['--pool', 'batches']], [['--pools', 'batch']], [['batch']]])(
  '%j is refused with the pools there are',
  (args) => {
    expect(() => parsePools(args)).toThrow(
      expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining('pools are default, batch, stream') }),
    );
  },
);
