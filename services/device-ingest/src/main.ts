// device-ingest: device messages and registry entries are judged, and identity leaves the stream. Wiring only.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { topics } from '@vigil/contracts';
import { loadWorkflowDefinition, vitalLimitsOf } from '@vigil/definitions';
import { partitionOf, runTopology, systemEngineClock } from '@vigil/kafka';
import { runService } from '@vigil/runtime';
import { observeIngest } from './adapters/observe-ingest.ts';
import { openGateway } from './adapters/open-gateway.ts';
import { openLatestReader } from './adapters/open-latest-reader.ts';
import { readPartitions } from './adapters/read-partitions.ts';
import { checkLimits } from './check-limits.ts';
import { defaultWorkflowsDir, settings } from './config.ts';
import { events } from './events.ts';
import { createTopology, sourceTopics } from './topology.ts';

await runService({ name: 'device-ingest', settings, events }, async (service) => {
  const { settings, keys, client, registry, clock, observer, engine, supervise, onClose, log, events } = service;
  const { historicAfterMs, databaseUrl, redisUrl, workflowsDir } = settings;
  const definition = loadWorkflowDefinition(join(workflowsDir ?? defaultWorkflowsDir, 'definitions', 'patient_monitoring_workflow.yaml'));
  const limits = vitalLimitsOf(definition);
  checkLimits(definition.name, limits);
  events.rulesLoaded({ workflow: definition.name });

  const receivedTopics = [...sourceTopics, topics.claimReceived.name];
  const partitionsOf = await readPartitions(client.admin, receivedTopics, systemEngineClock);
  const topology = createTopology({
    tokenKey: keys.token,
    dataKey: keys.data,
    random: randomBytes,
    historicAfterMs,
    partitionOfDevice: (deviceId) => partitionOf(Buffer.from(deviceId, 'utf8'), partitionsOf(sourceTopics[0])),
    observer: observeIngest(events, clock),
  });
  supervise('device-ingest', await runTopology(topology, { client, registry, observer, settings: engine }));

  const latest = openLatestReader({ databaseUrl, redisUrl, dataKey: keys.data, onCacheFailed: () => events.cacheFailed({}) });
  onClose('latest vitals', latest.close);
  await openGateway({ settings, client, registry, clock, limits, partitionsOf, readLatest: latest.readLatest, events, log, onClose });
});
