import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import type { StackEnv } from '@vigil/stack';
import { addressOf } from './addresses.ts';
import { windowingAdminUrls } from './windowing-admin-urls.ts';

const local = () => ({ kafkaBrokers: 'local:9092' }) as StackEnv;

test('the environment comes before the local stack, and then no local stack is needed', () => {
  const noStack = (): StackEnv => {
    throw new VigilError('STACK_DOWN');
  };

  expect(addressOf('kafkaBrokers', { VIGIL_KAFKA_BROKERS: 'far:9092' }, noStack)).toBe('far:9092');
  expect(addressOf('kafkaBrokers', {}, local)).toBe('local:9092');
  expect(() => addressOf('kafkaBrokers', {}, noStack)).toThrow(expect.objectContaining({ code: 'STACK_DOWN' }));
});

test('the windowing service is found by the environment or at its local port', () => {
  expect(windowingAdminUrls({ VIGIL_WINDOWING_ADMIN_URLS: 'http://a,http://b' }, () => undefined)).toEqual(['http://a', 'http://b']);
  expect(windowingAdminUrls({}, () => 4711)).toEqual(['http://127.0.0.1:4711']);
  expect(() => windowingAdminUrls({}, () => undefined)).toThrow(expect.objectContaining({ code: 'STACK_DOWN' }));
});
