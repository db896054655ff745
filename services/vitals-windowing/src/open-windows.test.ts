import { expect, test } from '@jest/globals';
import { createOpenWindows } from './open-windows.ts';

test('open windows are summed over the tasks, and opened ones count at once', () => {
  let now = 0;
  const open = createOpenWindows(() => now);
  expect(open.total()).toBe(0);

  open.opened(0);
  open.count(1, 3);
  open.opened(1);
  expect(open.total()).toBe(5);

  open.count(0, 0);
  expect(open.total()).toBe(4);
  now = 10_001;
  open.count(0, 2);
  expect(open.total()).toBe(2);
});
