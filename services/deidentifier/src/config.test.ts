import { expect, test } from '@jest/globals';
import { settings } from './config.ts';

const env = { VIGIL_KAFKA_BROKERS: 'a:1', VIGIL_SCHEMA_REGISTRY_URL: 'http://a', VIGIL_KEYS_FILE: '/keys.json' };

test('Safe Harbor is the default', () => {
  expect(settings.parse(env)).toMatchObject({ mode: 'safe-harbor', dualKeyUntil: undefined, cachedPatients: 100_000 });
});

test('a rotation has an end', () => {
  expect(settings.parse({ ...env, VIGIL_DEIDENTIFIER_DUAL_KEY_UNTIL: '2024-03-15T00:00:00Z' }).dualKeyUntil).toBe(Date.UTC(2024, 2, 15));
});

test('shifted dates and two keys at once contradict each other', () => {
  const both = { VIGIL_DEIDENTIFIER_MODE: 'date-shift', VIGIL_DEIDENTIFIER_DUAL_KEY_UNTIL: '2024-03-15T00:00:00Z' };
  expect(() => settings.parse({ ...env, ...both })).toThrow(/contradict each other/);
});
