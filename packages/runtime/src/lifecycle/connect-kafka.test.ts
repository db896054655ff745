import { expect, test } from '@jest/globals';
import { defineSettings } from '../settings/define-settings.ts';
import { serviceSettings } from '../settings/shared-settings.ts';
import { connectKafka } from './connect-kafka.ts';

test('client and registry can be made and closed while nothing answers', async () => {
  const settings = defineSettings('x', serviceSettings).parse({
    VIGIL_KAFKA_BROKERS: '127.0.0.1:9',
    VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9/apis/ccompat/v7',
  });
  const { client, registry } = connectKafka(settings, 'x');

  expect(registry.cached(1)).toBeUndefined();
  await client.close();
});
