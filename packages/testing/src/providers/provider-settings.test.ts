import { expect, test } from '@jest/globals';
import { createAcceptedLog } from './accepted-log.ts';
import { readProviderSettings } from './provider-settings.ts';

test('ports and the webhook come from the environment', () => {
  expect(readProviderSettings({})).toEqual({ port: 0, smtpPort: 0 });
  expect(
    readProviderSettings({
      VIGIL_PROVIDERS_PORT: '8080',
      VIGIL_PROVIDERS_SMTP_PORT: '2525',
      VIGIL_PROVIDERS_WEBHOOK_URL: 'http://127.0.0.1:1/',
      VIGIL_PROVIDERS_WEBHOOK_SECRET: 's',
    }),
  ).toEqual({ port: 8080, smtpPort: 2525, webhook: { url: 'http://127.0.0.1:1/', secret: 's' } });
});

test.each([{ VIGIL_PROVIDERS_PORT: 'http' }, { VIGIL_PROVIDERS_PORT: '70000' }, { VIGIL_PROVIDERS_WEBHOOK_URL: 'http://127.0.0.1:1/' }])(
  '%j is refused',
  (env) => {
    expect(() => readProviderSettings(env)).toThrow(expect.objectContaining({ code: 'BAD_SETTINGS' }));
  },
);

test('the log keeps the newest hundred thousand', () => {
  const log = createAcceptedLog({ now: () => 0 });
  for (let n = 0; n <= 100_000; n++) log.accept('slack', String(n), {});

  expect(log.accepted).toHaveLength(100_000);
  expect(log.accepted[0]?.recipient).toBe('1');
});
