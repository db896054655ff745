import { expect, test } from '@jest/globals';
import { errorCatalogue } from './error-catalogue.ts';
import { isVigilError, VigilError } from './vigil-error.ts';

test('the message says what, where and what to do', () => {
  const error = new VigilError('TOPIC_MISSING', { detail: 'vitals.reading.received.v1' });

  expect(error.message).toBe('A topic of the catalogue does not exist. vitals.reading.received.v1 vigil topics apply');
  expect(error).toMatchObject({ code: 'TOPIC_MISSING', kind: 'config', name: 'VigilError' });
});

test('the cause is kept, and only when there is one', () => {
  const cause = new Error('socket');

  expect(new VigilError('KAFKA_AWAY', { cause }).cause).toBe(cause);
  expect('cause' in new VigilError('KAFKA_AWAY')).toBe(false);
});

test('only a VigilError is one', () => {
  expect(isVigilError(new VigilError('FENCED'))).toBe(true);
  expect(isVigilError(new Error('FENCED'))).toBe(false);
});

test('every entry of the catalogue ends its sentences', () => {
  for (const [code, { what, action }] of Object.entries(errorCatalogue)) {
    expect([code, what]).toEqual([code, expect.stringMatching(/\.$/)]);
    expect([code, action.length > 0]).toEqual([code, true]);
  }
});
