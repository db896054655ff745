import { VigilError } from '@vigil/core';
import { createCluster, type ClusterOptions, type KafkajsBroker, type KafkajsCluster } from './kafkajs-internals.ts';

/** Connections of their own to the cluster, opened when first used. */
export interface ClusterLink {
  /** The cluster with the metadata of these topics loaded. */
  withTopics(topics: Iterable<string>): Promise<KafkajsCluster>;
  /** @throws VigilError TOPIC_MISSING */
  leaderOf(topic: string, partition: number): number;
  /** Of the topics loaded so far: one that `withTopics` is still asking for is led by nobody. */
  leads(nodeId: number, topic: string, partition: number): boolean;
  broker(nodeId: number): Promise<KafkajsBroker>;
  controller(): Promise<KafkajsBroker>;
  groupCoordinator(group: string): Promise<KafkajsBroker>;
  transactionCoordinator(transactionalId: string): Promise<KafkajsBroker>;
  /** What is known of leaders is wrong: ask again. */
  refresh(): Promise<void>;
  partitionsOf(topic: string): number;
  close(): Promise<void>;
}

const transactionCoordinatorType = 1;

export function createClusterLink(options: ClusterOptions): ClusterLink {
  const cluster = createCluster(options);
  const targets = new Set<string>();
  let connected: Promise<void> | null = null;
  let closed = false;

  const connect = async (): Promise<KafkajsCluster> => {
    if (closed) throw new VigilError('KAFKA_AWAY', { detail: 'The client is closed.' });
    connected ??= cluster.connect();
    await connected.catch((error: unknown) => {
      connected = null;
      throw error;
    });
    await cluster.refreshMetadataIfNecessary();
    return cluster;
  };
  return {
    async withTopics(topics) {
      const missing = [...topics].filter((topic) => !targets.has(topic));
      const open = await connect();
      if (missing.length > 0) {
        await open.addMultipleTargetTopics(missing);
        for (const topic of missing) targets.add(topic);
      }
      return open;
    },
    leaderOf(topic, partition) {
      const found = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
      if (!found) throw new VigilError('TOPIC_MISSING', { detail: `${topic}-${partition}` });
      return found.leader;
    },
    leads: (nodeId, topic, partition) =>
      cluster.findTopicPartitionMetadata(topic).some(({ partitionId, leader }) => partitionId === partition && leader === nodeId),
    broker: (nodeId) => cluster.findBroker({ nodeId }),
    controller: async () => (await connect()).findControllerBroker(),
    groupCoordinator: async (groupId) => (await connect()).findGroupCoordinator({ groupId }),
    transactionCoordinator: async (groupId) =>
      (await connect()).findGroupCoordinator({ groupId, coordinatorType: transactionCoordinatorType }),
    refresh: () => cluster.refreshMetadata(),
    partitionsOf: (topic) => cluster.findTopicPartitionMetadata(topic).length,
    async close() {
      closed = true;
      await connected?.catch(() => undefined);
      await cluster.disconnect();
    },
  };
}
