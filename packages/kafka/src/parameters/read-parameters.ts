import { readWireId, topics, type ParametersChanged } from '@vigil/contracts';
import { createValueDecoder } from '../codec/value-decoder.ts';
import { readWhole } from '../engine/read-whole.ts';
import type { KafkaClient } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import { openParametersIndex, type ParametersUse } from './parameters-index.ts';

const { name: topic, schema } = topics.parametersChanged;

/** What is in force now, for programs that are no stage. @throws dependency errors when broker or registry are away */
export async function readParameters<View>(client: KafkaClient, registry: SchemaRegistry, use: ParametersUse<View>): Promise<View> {
  const index = openParametersIndex(use);
  const [described] = await client.admin.describeTopics([topic]);
  const places = Array.from({ length: described?.partitions ?? 0 }, (_, partition) => ({ topic, partition }));
  const values: Buffer[] = [];
  await readWhole({ client, places, pollMs: 500, onRecord: (_place, { value }) => void (value && values.push(value)) });
  const decode = createValueDecoder(schema, registry);
  for (const value of values) {
    await registry.schemaOf(readWireId(value) ?? 0);
    index.put('', decode(value) as ParametersChanged);
  }
  return index.view;
}
