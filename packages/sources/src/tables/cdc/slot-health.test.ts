import { expect, test } from '@jest/globals';
import { createSlotHealth } from './slot-health.ts';

const mebibyte = 1024 * 1024;

test('a slot is well while little of the log is unread, behind while it is read, and stalled once it is not', () => {
  let now = 0;
  const slot = createSlotHealth({ stalledMs: 60, nowMs: () => now });
  expect(slot.health()).toBe('ok');
  slot.looked({ confirmed: 5n, behindBytes: 16 * mebibyte });
  expect(slot.health()).toBe('ok');
  slot.looked({ confirmed: 5n, behindBytes: 17 * mebibyte });
  now = 59;
  expect(slot.health()).toBe('behind');
  slot.looked({ confirmed: 6n, behindBytes: 40 * mebibyte });
  now = 118;
  expect(slot.health()).toBe('behind');
  now = 119;
  expect(slot.health()).toBe('stalled');
  slot.caughtUp();
  expect(slot.health()).toBe('ok');
});
