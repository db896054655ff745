import { expect, test } from '@jest/globals';
import { events, settings } from './index.ts';

test('settings and events are there for the reference', () => {
  expect(settings.service).toBe('deidentifier');
  expect(events.source).toBe('deidentifier');
});
