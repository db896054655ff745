import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BadSettings, defineSettings } from './define-settings.ts';
import { addresses, integer, text } from './formats.ts';
import { setting } from './setting.ts';

const definition = defineSettings(
  'bed-watcher',
  {
    brokers: setting({ env: 'VIGIL_KAFKA_BROKERS', schema: addresses(), doc: 'addresses of the brokers.' }),
    low: setting({ env: 'VIGIL_BED_WATCHER_LOW', schema: integer({ min: 0, max: 100 }).default(10), doc: 'the lower limit.' }),
    high: setting({ env: 'VIGIL_BED_WATCHER_HIGH', schema: integer({ min: 0, max: 100 }).default(20), doc: 'the upper limit.' }),
    password: setting({ env: 'VIGIL_BED_WATCHER_PASSWORD', schema: text({ max: 8 }).optional(), doc: 'the password.', secret: true }),
  },
  [
    {
      settings: ['low', 'high'],
      holds: ({ low, high }) => low < high,
      problem: 'contradict each other: the lower limit is not below the upper one',
      action: 'Set the lower limit below the upper one.',
    },
  ],
);

const enough = { VIGIL_KAFKA_BROKERS: 'a:9092,b:9093' };

const problemsOf = (env: Record<string, string>): BadSettings => {
  try {
    definition.parse(env);
  } catch (error) {
    if (error instanceof BadSettings) return error;
  }
  throw new Error('no BadSettings');
};

test('settings are read, defaulted and frozen', () => {
  const settings = definition.parse({ ...enough, VIGIL_BED_WATCHER_LOW: '5', HOME: '/root' });

  expect(settings).toEqual({ brokers: ['a:9092', 'b:9093'], low: 5, high: 20, password: undefined });
  expect(Object.isFrozen(settings)).toBe(true);
  expect(Object.isFrozen(settings.brokers)).toBe(true);
});

test('every problem is reported at once, with its variable, what is wrong and what to do', () => {
  const error = problemsOf({ VIGIL_BED_WATCHER_LOW: 'ten', VIGIL_BED_WATCHER_HIGH: '101' });

  expect(error.code).toBe('BAD_SETTINGS');
  expect(error.problems).toEqual([
    { setting: 'brokers', env: 'VIGIL_KAFKA_BROKERS', problem: 'is missing', action: 'Set it to: addresses of the brokers.' },
    { setting: 'low', env: 'VIGIL_BED_WATCHER_LOW', problem: 'is not a whole number (it is "ten")', action: 'Set it to: the lower limit.' },
    { setting: 'high', env: 'VIGIL_BED_WATCHER_HIGH', problem: 'is above 100 (it is "101")', action: 'Set it to: the upper limit.' },
  ]);
  for (const { env, problem } of error.problems) expect(error.message).toContain(`${env} ${problem}`);
});

test('settings that contradict each other are named together', () => {
  expect(problemsOf({ ...enough, VIGIL_BED_WATCHER_LOW: '30' }).problems).toEqual([
    {
      setting: 'low, high',
      env: 'VIGIL_BED_WATCHER_LOW, VIGIL_BED_WATCHER_HIGH',
      problem: 'contradict each other: the lower limit is not below the upper one',
      action: 'Set the lower limit below the upper one.',
    },
  ]);
});

test('a cross-check is not asked about a setting that could not be read', () => {
  expect(problemsOf({ ...enough, VIGIL_BED_WATCHER_LOW: 'x' }).problems).toHaveLength(1);
});

test('an empty variable counts as absent', () => {
  expect(problemsOf({ VIGIL_KAFKA_BROKERS: '' }).problems[0]?.problem).toBe('is missing');
  expect(definition.parse({ ...enough, VIGIL_BED_WATCHER_LOW: '' }).low).toBe(10);
});

test('a variable with the service’s own prefix that is no setting is refused', () => {
  expect(problemsOf({ ...enough, VIGIL_BED_WATCHER_COLOUR: 'red' }).problems).toEqual([
    { setting: '', env: 'VIGIL_BED_WATCHER_COLOUR', problem: 'is not a setting', action: 'Remove it; see docs/reference/settings.md.' },
  ]);
});

test('a misspelt variable is refused with the name it was meant to be', () => {
  const { problems } = problemsOf({ VIGIL_KAFKA_BROKER: 'a:1', VIGIL_BED_WATCHER_LWO: '3' });

  expect(problems).toContainEqual(expect.objectContaining({ env: 'VIGIL_KAFKA_BROKER', action: 'Did you mean VIGIL_KAFKA_BROKERS?' }));
  expect(problems).toContainEqual(expect.objectContaining({ env: 'VIGIL_BED_WATCHER_LWO', action: 'Did you mean VIGIL_BED_WATCHER_LOW?' }));
});

test('variables of other services in the same environment are left alone', () => {
  expect(() => definition.parse({ ...enough, VIGIL_PAGERDUTY_URL: 'http://x', VIGIL_SLACK_URL: 'y' })).not.toThrow();
});

test('a secret value is in no problem and no message', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z0-9]{9,40}$/), (secret) => {
      const error = problemsOf({ ...enough, VIGIL_BED_WATCHER_PASSWORD: secret });
      expect(error.problems[0]?.problem).toContain('its value is secret and not shown');
      return !error.message.includes(secret) && !JSON.stringify(error.problems).includes(secret);
    }),
  );
});

test('a format that quotes what it refuses does not betray a secret', () => {
  const quoting = defineSettings('q', {
    key: setting({
      env: 'VIGIL_Q_KEY',
      schema: text().refine((value) => value === 'x', { error: ({ input }) => `is not ${String(input)}` }),
      doc: 'x.',
      secret: true,
    }),
  });
  expect(() => quoting.parse({ VIGIL_Q_KEY: 'hunter2' })).toThrow(/is not …/);
  expect(() => quoting.parse({ VIGIL_Q_KEY: 'hunter2' })).not.toThrow(/hunter2/);
});

test('a password inside an address is not shown, though the address is', () => {
  const [problem] = problemsOf({ VIGIL_KAFKA_BROKERS: 'kafka://user:pass@word@broker:9092' }).problems;
  expect(problem?.problem).toBe('is not a list like host:9092,host:9093 (it is "kafka://…@broker:9092")');
});
