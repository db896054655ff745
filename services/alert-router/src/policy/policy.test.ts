import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseDefinition } from '@vigil/definitions';
import type { Routed } from '../domain/route.ts';
import { createRouter } from './create-router.ts';
import { loadAlertPolicy } from './load-alert-policy.ts';
import { loadProviderKeys } from './load-provider-keys.ts';
import { policySchema } from './policy-schema.ts';
import { isWithin, nextTimeOf } from './ward-time.ts';

const alerting = (file: string): string => new URL(`../../../../infra/alerting/${file}`, import.meta.url).pathname;
const policyText = readFileSync(alerting('policy.yaml'), 'utf8');
const parse = (text: string) => parseDefinition(text, 'policy.yaml', policySchema);
const changed = (from: string | RegExp, to: string): string => {
  const text = policyText.replace(from, to);
  expect(text).not.toBe(policyText);
  return text;
};
const route = (changes: Partial<Routed>, at: string, text = policyText) =>
  createRouter(parse(text))(
    { severity: 'critical', kind: 'physiological', hospital: 'General Hospital', ward: 'ICU', about: null, ...changes },
    Date.parse(at),
  );
const teams = (changes: Partial<Routed>, at: string, text?: string) => route(changes, at, text).steps.map(({ team }) => team);

test('a critical alert goes to the ward, then the charge nurse, then rapid response, by the ward’s own clock', () => {
  expect(teams({}, '2024-03-15T11:59:00Z')).toEqual(['icu-nurses', 'charge-nurse-night', 'rapid-response']);
  expect(teams({}, '2024-03-15T12:00:00Z')).toEqual(['icu-nurses', 'charge-nurse-day', 'rapid-response']);
  // The same clock time in winter is another instant.
  expect(teams({}, '2024-01-15T12:30:00Z')).toEqual(['icu-nurses', 'charge-nurse-night', 'rapid-response']);
});

test('each step falls back from PagerDuty to Slack to mail', () => {
  expect(route({}, '2024-03-15T12:00:00Z').steps[0]?.chain).toEqual([
    { channel: 'pagerduty', address: 'icu' },
    { channel: 'slack', address: 'wards' },
    { channel: 'email', address: 'icu@hospital.example' },
  ]);
});

test('a ward is found whatever the case, its hospital’s rule first, else the rule for all others', () => {
  const text = changed('  - ward: ICU', '  - {hospital: Other, ward: ICU, zone: UTC, steps: [rapid-response]}\n  - ward: ICU');

  expect(teams({ ward: ' icu ' }, '2024-03-15T12:00:00Z', text)[0]).toBe('icu-nurses');
  expect(teams({ hospital: 'OTHER' }, '2024-03-15T12:00:00Z', text)).toEqual(['rapid-response']);
  expect(teams({ ward: 'Oncology' }, '2024-03-15T12:00:00Z', text)[0]).toBe('ward-nurses');
});

test('a warning goes to the ward only and is not paged; info goes nowhere', () => {
  expect(route({ severity: 'warning' }, '2024-03-15T12:00:00Z').steps).toMatchObject([
    { team: 'icu-nurses', chain: [{ channel: 'slack' }, { channel: 'email' }] },
  ]);
  expect(route({ severity: 'info' }, '2024-03-15T12:00:00Z').steps).toEqual([]);
});

test('quiet hours hold warnings until their end by the ward’s clock', () => {
  const text = changed('repeatEvery: 4h', 'repeatEvery: 4h, quietHours: {from: "22:00", until: "06:00"}');

  expect(route({ severity: 'warning' }, '2024-03-15T04:00:00Z', text).quietUntil).toBe(Date.parse('2024-03-15T11:00:00Z'));
  expect(route({ severity: 'warning' }, '2024-03-15T15:00:00Z', text).quietUntil).toBeNull();
  expect(route({}, '2024-03-15T04:00:00Z', text).quietUntil).toBeNull();
});

test('trouble with a channel is told to engineering by the others', () => {
  const { steps } = route(
    { kind: 'operational', severity: 'warning', about: { channel: 'slack', address: 'wards' } },
    '2024-03-15T12:00:00Z',
  );

  expect(steps).toEqual([
    {
      team: 'vigil-engineering',
      chain: [
        { channel: 'pagerduty', address: 'engineering' },
        { channel: 'email', address: 'engineering@hospital.example' },
      ],
    },
  ]);
});

test.each([
  [
    'quiet hours for critical',
    'repeatEvery: 5min',
    'repeatEvery: 5min, quietHours: {from: "22:00", until: "06:00"}',
    'a critical alert has no quiet hours',
  ],
  ['a slow fallback', 'fallbackAfter: 10s', 'fallbackAfter: 11s', 'falls back within 10s'],
  ['a slow escalation', 'acknowledgeWithin: 60s', 'acknowledgeWithin: 2min', 'escalates within 60s'],
  ['an endless lease', 'lease: 10min', 'lease: 12h', 'holds 30min at most'],
  ['a rare repeat', 'repeatEvery: 5min', 'repeatEvery: 1h', 'repeated every 10min at least'],
  ['no pager', 'channels: [pagerduty, slack, email]', 'channels: [slack, email]', 'goes to pagerduty first'],
  ['no fallback', 'channels: [pagerduty, slack, email]', 'channels: [pagerduty]', 'needs a second channel'],
  ['a channel twice', 'channels: [slack, email]', 'channels: [slack, slack]', 'named twice'],
  ['a day of days', 'lease: 1h', 'lease: 48h', 'up to 24h'],
  ['an unknown team', '- rapid-response', '- rapid-respons', 'no team is named rapid-respons'],
  ['an unknown engineering team', 'engineering: vigil-engineering', 'engineering: vigil-engineers', 'no team is named vigil-engineers'],
  ['a team without a pager', 'rapid-response: { pagerduty: rapid-response, slack', 'rapid-response: { slack', 'cannot be paged'],
  ['a team with a pager only', /charge-nurse-night: .*/, 'charge-nurse-night: {pagerduty: charge-nurse}', 'no second channel'],
  ['a team without any channel', /charge-nurse-night: .*/, 'charge-nurse-night: {}', 'at least one channel'],
  ['an unknown zone', 'zone: America/Chicago', 'zone: America/Springfield', 'expected a time zone'],
  ['a time that is none', /['"]07:00['"]/, '"7:00"', 'expected a time of day'],
  ['a step that is none', '- rapid-response', '- 7', 'expected a team'],
  ['a ward twice', '  - ward: ICU', '  - {ward: icu, zone: UTC, steps: [icu-nurses]}\n  - ward: ICU', 'is routed twice'],
  ['a misspelt field', 'mailFrom:', 'mailform:', 'mailFrom'],
])('%s is refused with its line', (_name, from, to, message) => {
  const text = changed(from, to);

  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'BAD_DEFINITION', message: expect.stringMatching(/policy\.yaml:\d+:\d+ /) }),
  );
  expect(() => parse(text)).toThrow(message);
});

test.each<[string, string | RegExp, string, string]>([
  [
    'a ward whose team no warning can reach',
    'ward-nurses: { pagerduty: wards, slack: wards, email: wards@hospital.example }',
    'ward-nurses: { pagerduty: wards, email: wards@hospital.example }',
    'team ward-nurses has no channel for warning alerts',
  ],
  [
    'engineering that only hears of trouble by the channel in trouble',
    /vigil-engineering: .*/,
    'vigil-engineering: { slack: engineering }',
    'team vigil-engineering needs a second channel',
  ],
])('%s is refused', (_name, from, to, message) => {
  const text = changed(from, to).replace('warning: { channels: [slack, email]', 'warning: { channels: [slack]');

  expect(() => parse(text)).toThrow(message);
});

test('a span that begins and ends at one time is refused: nobody can tell whether it is the whole day or none of it', () => {
  const quiet = changed('repeatEvery: 4h }', "repeatEvery: 4h, quietHours: { from: '22:00', until: '22:00' } }");
  expect(() => parse(quiet)).toThrow('begins and ends at the same time');
  expect(() => parse(changed("until: '19:00'", "until: '07:00'"))).toThrow('begins and ends at the same time');
});

test('spans of the day may cross midnight, and clocks may change', () => {
  const at = (text: string) => Date.parse(text);
  const night = { from: '22:00', until: '06:00' };
  expect(['2024-03-15T22:00:00Z', '2024-03-15T05:59:00Z', '2024-03-15T06:00:00Z'].map((text) => isWithin(night, 'UTC', at(text)))).toEqual([
    true,
    true,
    false,
  ]);
  expect(isWithin({ from: '00:00', until: '00:00' }, 'UTC', at('2024-03-15T12:00:00Z'))).toBe(true);
  // 02:30 does not exist on this day.
  expect(new Date(nextTimeOf('02:30', 'America/Chicago', at('2024-03-10T06:00:00Z'))).toISOString()).toBe('2024-03-10T08:30:00.000Z');
  expect(new Date(nextTimeOf('06:00', 'America/Chicago', at('2024-03-09T12:00:00Z'))).toISOString()).toBe('2024-03-10T11:00:00.000Z');
});

const local = { pagerDutyUrl: 'http://127.0.0.1:1', slackUrl: 'http://providers:1' };
const files = { policyFile: alerting('policy.yaml'), providerKeysFile: alerting('stand-in-keys.json') };
const directory = mkdtempSync(join(tmpdir(), 'vigil-alerting-'));
const keysFile = (content: unknown, mode = 0o600): string => {
  const file = join(directory, `keys-${Math.random()}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
  return file;
};

test('the committed policy and the stand-in’s keys fit each other', () => {
  const { mailFrom, keys, router } = loadAlertPolicy({ ...files, ...local });

  expect(mailFrom).toBe('vigil@hospital.example');
  expect(keys.webhookSecrets).toHaveLength(1);
  expect(typeof router).toBe('function');
});

test('the stand-in’s keys go to nobody else', () => {
  expect(() => loadAlertPolicy({ ...files, ...local, pagerDutyUrl: 'https://events.pagerduty.com' })).toThrow(
    'a provider is not on this machine',
  );
});

test('an address of the internet is not this machine, however it is written', () => {
  expect(() => loadAlertPolicy({ ...files, ...local, slackUrl: 'http://[2001:db8::1]' })).toThrow('a provider is not on this machine');
  expect(() => loadAlertPolicy({ ...files, ...local, slackUrl: 'http://[::1]:1' })).not.toThrow();
});

test('a key that the policy names and the file lacks is named', () => {
  const providerKeysFile = keysFile({ pagerduty: {}, slack: {} });

  expect(() => loadAlertPolicy({ ...files, ...local, providerKeysFile })).toThrow(
    /team icu-nurses names the pagerduty key icu.*slack key wards/,
  );
});

test('keys that are malformed, readable by others or missing are refused without being shown', () => {
  const short = keysFile({ pagerduty: { icu: 'SECRETSECRET' }, slack: {} });
  expect(() => loadProviderKeys(short)).toThrow('pagerduty.icu: a routing key has 32 letters and digits');
  expect(() => loadProviderKeys(short)).not.toThrow('SECRETSECRET');
  expect(() => loadProviderKeys(keysFile('[]'))).toThrow('the file: ');
  expect(() => loadProviderKeys(keysFile('{"SECRET'))).toThrow('is not JSON');
  expect(() => loadProviderKeys(join(directory, 'none.json'))).toThrow('cannot be read');
  expect(() => loadProviderKeys(keysFile({ pagerduty: {}, slack: {} }, 0o644))).toThrow('chmod 600');
});
