import { expect, test } from '@jest/globals';
import { checkLimits } from './check-limits.ts';
import { settings } from './config.ts';

const enough = {
  VIGIL_KAFKA_BROKERS: '127.0.0.1:9092',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081',
  VIGIL_DATABASE_URL: 'postgresql://127.0.0.1/vigil',
  VIGIL_KEYS_FILE: '/run/keys.json',
};

test('the defaults are those of the documents', () => {
  expect(settings.parse(enough)).toMatchObject({
    historicAfterMs: 900_000,
    highLagMs: 3000,
    gatewayHost: '127.0.0.1',
    gatewayPort: undefined,
  });
});

test('every problem is reported at once', () => {
  const contradicting = {
    VIGIL_KAFKA_BROKERS: 'nonsense',
    VIGIL_DATABASE_URL: 'postgresql://127.0.0.1/vigil',
    VIGIL_KEYS_FILE: '/run/keys.json',
    VIGIL_GATEWAY_PORT: '8080',
    VIGIL_GATEWAY_HIGH_LAG_MS: '1000',
    VIGIL_GATEWAY_MIN_RATE: '500',
    VIGIL_GATEWAY_MAX_RATE: '400',
  };
  const problems = (() => {
    try {
      settings.parse(contradicting);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();

  for (const part of [
    'VIGIL_KAFKA_BROKERS',
    'VIGIL_SCHEMA_REGISTRY_URL',
    'VIGIL_GATEWAY_API_KEY_FILE',
    'VIGIL_GATEWAY_LOW_LAG_MS',
    'VIGIL_GATEWAY_MIN_RATE',
  ]) {
    expect(problems).toContain(part);
  }
});

test('a workflow definition whose limits could never fire is refused with each of them', () => {
  expect(() => checkLimits('w', { heart_rate: { low: 40, high: 200 } })).not.toThrow();
  expect(() => checkLimits('w', { heart_rate: { low: 5, high: 400 } })).toThrow(
    expect.objectContaining({ code: 'BAD_DEFINITION', message: expect.stringMatching(/limit 5 .*limit 400 /) }),
  );
});
