import { expect, test } from '@jest/globals';
import { parseTarget, targetNames } from './parse-target.ts';

test.each(targetNames)('--target %s', (name) => {
  expect(parseTarget(['--target', name])).toBe(name);
});

test.each([[[]], [['--target']], [['--target', 'nowhere']], [['warehouse']], [['--target', 'lake', '--more']], [['--traget', 'lake']]])(
  '%j is refused with the names of the targets',
  (argv) => {
    expect(() => parseTarget(argv)).toThrow(
      expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining('warehouse|operational|lake|archive') }),
    );
  },
);
