/**
 * Adjudication alone, without the service around it: for whoever has to kill it or to measure it.
 *
 * Settings: VIGIL_KAFKA_BROKERS, VIGIL_SCHEMA_REGISTRY_URL (absent = a registry in memory that holds the schemas of this
 * version), VIGIL_TEST_PREFIX (of all topics and groups), VIGIL_TEST_COMMIT_RECORDS.
 */
import { createKafkaClient, createRegistry, runTopology } from '@vigil/kafka';
import { namespaced } from '@vigil/testing';
import { createAdjudicateTopology } from '../src/adjudicate-topology.ts';
import { defaultAdjudicationSettings } from '../src/domain/adjudication-settings.ts';
import { registryOfThisVersion } from './registry-of-this-version.ts';

const {
  VIGIL_KAFKA_BROKERS: brokers = '',
  VIGIL_SCHEMA_REGISTRY_URL: url,
  VIGIL_TEST_PREFIX: prefix,
  VIGIL_TEST_COMMIT_RECORDS: commitRecords,
} = process.env;
const connected = createKafkaClient({ brokers: brokers.split(','), clientId: 'claims-validator-adjudicate' });
const client = prefix === undefined ? connected : namespaced(connected, prefix);
const stage = await runTopology(createAdjudicateTopology(defaultAdjudicationSettings), {
  client,
  registry: url === undefined ? registryOfThisVersion() : createRegistry({ url }),
  settings: commitRecords === undefined ? {} : { commitRecords: Number(commitRecords) },
});
process.once('SIGTERM', () => void stage.drain({ withinMs: 10_000 }));
await stage.finished;
await client.close();
