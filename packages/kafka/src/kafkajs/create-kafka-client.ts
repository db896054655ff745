import type { KafkaClient } from '../ports/kafka-client.ts';
import type { MemberMemory } from '../ports/member-memory.ts';
import { createClusterLink, type ClusterLink } from './cluster-link.ts';
import { decodeBatches } from './decode-batches.ts';
import { joinGroup } from './group-member.ts';
import { createIdempotentProducer } from './idempotent-producer.ts';
import { createKafkaAdmin } from './kafka-admin.ts';
import { createIdleLinks } from './idle-links.ts';
import type { SocketFactory } from './kafkajs-internals.ts';
import { createKafkaFetcher } from './kafka-fetcher.ts';
import { decodeWithStock } from './stock-decoder.ts';
import { createTransactionalProducer } from './transactional-producer.ts';

export interface KafkaClientOptions {
  /** `host:port` of some brokers; the others are found by them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | object;
  readonly sasl?: object;
  readonly requestTimeoutMs?: number;
  readonly connectionTimeoutMs?: number;
  /** How long an idempotent producer tries before the fate of a batch is reported as unknown. */
  readonly deliverWithinMs?: number;
  readonly longPollMs?: number;
  readonly maxFetchBytes?: number;
  readonly maxPartitionFetchBytes?: number;
  /** `stock`: kafkajs's own decoder of fetched batches, slower and without checksums. */
  readonly decoder?: 'lean' | 'stock';
  /** Opens a connection; plain TCP or TLS by default. */
  readonly openSocket?: SocketFactory;
  /** Without it a group waits for the session of a crashed member to end. */
  readonly memberMemory?: MemberMemory;
}

const mebibyte = 1024 * 1024;

/** A client of a real Kafka. Connects when first used; every part has connections of its own. */
export function createKafkaClient(options: KafkaClientOptions): KafkaClient {
  const { requestTimeoutMs = 15_000, connectionTimeoutMs = 3_000, deliverWithinMs = 30_000, longPollMs = 250, decoder = 'lean' } = options;
  const links = new Set<ClusterLink>();
  const openLink = (): ClusterLink => {
    const link = createClusterLink({ ...options, requestTimeoutMs, connectionTimeoutMs });
    const tracked: ClusterLink = {
      ...link,
      async close() {
        links.delete(tracked);
        await link.close();
      },
    };
    links.add(tracked);
    return tracked;
  };
  const idle = createIdleLinks(openLink);
  const members = new Set<{ leave(): Promise<void> }>();
  return {
    admin: createKafkaAdmin(openLink()),
    async join(joining) {
      const member = joinGroup(openLink(), joining, options.memberMemory);
      members.add(member);
      return {
        ...member,
        async leave() {
          members.delete(member);
          await member.leave();
        },
      };
    },
    openFetcher: async () =>
      createKafkaFetcher({
        link: openLink(),
        decode: decoder === 'stock' ? decodeWithStock : decodeBatches,
        requestTimeoutMs,
        longPollMs,
        maxBytes: options.maxFetchBytes ?? 16 * mebibyte,
        maxPartitionBytes: options.maxPartitionFetchBytes ?? mebibyte,
      }),
    openTransactionalProducer: async (producing) =>
      createTransactionalProducer({ link: idle.take(), release: (link) => idle.leave(link), requestTimeoutMs, ...producing }),
    openIdempotentProducer: async () => createIdempotentProducer({ link: openLink(), requestTimeoutMs, deliverWithinMs }),
    async close() {
      for (const member of members) await member.leave();
      await Promise.all([...links].map((link) => link.close()));
    },
  };
}
