import { expect, test } from '@jest/globals';
import { createDueSnapshot } from './due-snapshot.ts';

const running = () => new AbortController().signal;

test('what is due is announced, and gone on with once that is safe, also where it is safe at once', async () => {
  const due = createDueSnapshot();
  const rows = due.announce(running());
  expect((await rows.next()).value).toMatchObject({ isMark: true, position: 'snapshot due' });
  let isOver = false;
  const next = rows.next().then(() => (isOver = true));
  due.safe('snapshot');
  due.safe('16/B3748 2');
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  due.safe('snapshot due');
  expect(await next).toBe(true);

  const others = due.announce(running());
  await others.next();
  due.safe('snapshot due');
  expect(await others.next()).toMatchObject({ done: true });
});

test('a reading that is followed by another does not go on when that one may', async () => {
  const due = createDueSnapshot();
  const [earlier, later] = [due.announce(running()), due.announce(running())];
  await earlier.next();
  const left = earlier.next();
  await later.next();
  due.safe('snapshot due');
  await expect(left).rejects.toMatchObject({ code: 'JOB_STOPPED' });
  expect(await later.next()).toMatchObject({ done: true });
});

test('nobody waits on behind the signal, raised before or since', async () => {
  const due = createDueSnapshot();
  const stopped = due.announce(AbortSignal.abort());
  await stopped.next();
  await expect(stopped.next()).rejects.toMatchObject({ code: 'JOB_STOPPED' });
  const stop = new AbortController();
  const rows = due.announce(stop.signal);
  await rows.next();
  const next = rows.next();
  stop.abort();
  await expect(next).rejects.toMatchObject({ code: 'JOB_STOPPED' });
});
