import { afterEach, expect, jest, test } from '@jest/globals';
import { nodePlatform } from './platform.ts';

const connect = (): never => {
  throw new Error('not used');
};

afterEach(() => {
  jest.restoreAllMocks();
});

test('signals and unhandled errors reach their listeners until they stop listening', () => {
  const platform = nodePlatform(connect);
  const heard: unknown[] = [];
  const before = process.listenerCount('SIGTERM') + process.listenerCount('unhandledRejection');
  const offSignal = platform.onSignal((signal) => heard.push(signal));
  const offUnhandled = platform.onUnhandled((error) => heard.push(error));

  (process.listeners('SIGTERM').at(-1) as (signal: string) => void)('SIGTERM');
  (process.listeners('unhandledRejection').at(-1) as (reason: unknown) => void)('lost');
  offSignal();
  offUnhandled();

  expect(heard).toEqual(['SIGTERM', 'lost']);
  expect(process.listenerCount('SIGTERM') + process.listenerCount('unhandledRejection')).toBe(before);
});

test('it speaks on standard error and ends the process with the code', () => {
  const platform = nodePlatform(connect);
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);

  platform.say('a problem');
  platform.exit(78);

  expect(write).toHaveBeenCalledWith('a problem\n');
  expect(exit).toHaveBeenCalledWith(78);
  expect(platform.env['PATH']).toBe(process.env['PATH']);
});
