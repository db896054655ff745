import { expect, test } from '@jest/globals';
import { jvmOptions } from './start-kafka.ts';

test('VIGIL_KAFKA_OPTS comes after our options, of which the JVM takes the last', () => {
  const ours = jvmOptions({});

  expect(ours).toContain('-Xmx1g');
  expect(jvmOptions({ VIGIL_KAFKA_OPTS: ' -Xmx2g  -Da=b ' })).toEqual([...ours, '-Xmx2g', '-Da=b']);
});
