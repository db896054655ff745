import { expect, test } from '@jest/globals';
import { createByteLane } from './byte-lane.ts';

const never = new AbortController().signal;

test('what fits is held at once, the rest in order of arrival', async () => {
  const lane = createByteLane({ maxBytes: 100, maxWaiting: 10 });
  const order: string[] = [];
  const take = (name: string, bytes: number) =>
    lane.acquire(bytes, never).then((release) => {
      order.push(name);
      return release;
    });
  const [first, second] = await Promise.all([take('a', 60), take('b', 40)]);
  const large = take('large', 80);
  // It would fit before the large one: then the large one would wait for ever.
  const small = take('small', 10);
  second?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['a', 'b']);
  first?.();
  (await large)?.();
  (await small)?.();

  expect(order).toEqual(['a', 'b', 'large', 'small']);
  expect(await lane.acquire(100, never)).not.toBeNull();
});

test('what is larger than the lane has it alone', async () => {
  const lane = createByteLane({ maxBytes: 100, maxWaiting: 10 });
  const whole = await lane.acquire(1000, never);
  const next = lane.acquire(1, never);
  whole?.();

  expect(await next).not.toBeNull();
});

test('who gives up leaves the line, and a line that is too long takes nobody', async () => {
  const lane = createByteLane({ maxBytes: 100, maxWaiting: 1 });
  const held = await lane.acquire(100, never);
  const giving = new AbortController();
  const waiting = lane.acquire(10, giving.signal);
  expect(await lane.acquire(10, never)).toBeNull();
  giving.abort();
  expect(await waiting).toBeNull();
  expect(await lane.acquire(10, giving.signal)).toBeNull();
  held?.();

  expect(await lane.acquire(100, never)).not.toBeNull();
});
