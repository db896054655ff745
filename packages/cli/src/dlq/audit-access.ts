import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { topics, type AccessRecorded } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import { createValueEncoder, partitionOf, valueSubjectOf, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { placeName, type EntryPlace } from './select-entries.ts';
import { identifyQueue } from './walk-queue.ts';

/** What an operator is about to do. */
export interface Access {
  /** The area; without it the quarantine. */
  readonly type?: 'quarantine' | 'trace' | 'review' | 'claims' | 'lineage' | 'files' | 'sources';
  readonly subtype:
    | 'reveal'
    | 'export'
    | 'explain'
    | 'requeue'
    | 'set-aside'
    | 'discard'
    | 'approve'
    | 'decline'
    | 'resume'
    | 'cutover'
    | 'propose'
    | 'decide'
    | 'confirm';
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly by: string;
  readonly entityType: 'topic' | 'stage' | 'review' | 'row' | 'file' | 'slot';
  readonly entity: string;
  readonly places?: readonly EntryPlace[];
  readonly records: number;
  readonly reason: string;
  readonly requestId?: string;
}

const mostPlaces = 100;

/**
 * Records an access before it takes effect: what cannot be recorded is not done. Resolves after the broker's acknowledgement.
 *
 * @throws VigilError KAFKA_AWAY, REGISTRY_AWAY, TOPIC_MISSING, SCHEMA_NOT_REGISTERED
 */
export async function auditAccess(
  access: Access,
  { client, registry, clock }: { readonly client: KafkaClient; readonly registry: SchemaRegistry; readonly clock: Clock },
): Promise<AccessRecorded> {
  const { name, schema } = topics.accessRecorded;
  const { partitions } = await identifyQueue(client, name);
  const { type = 'quarantine', subtype, action, by, entityType, entity, places = [], records, reason, requestId = null } = access;
  const event: AccessRecorded = {
    eventId: randomUUID(),
    recordedAt: clock.now(),
    type,
    subtype,
    action,
    outcome: 'success',
    agent: by,
    login: userInfo().username,
    source: 'vigil-cli',
    entityType,
    entity,
    places: places.slice(0, mostPlaces).map(placeName),
    records,
    requestId,
    purposeOfEvent: 'OPERAT',
    reason,
    traceId: null,
  };
  const key = Buffer.from(by, 'utf8');
  const value = createValueEncoder(schema, await registry.idOf(valueSubjectOf(name), schema))(event);
  const producer = await client.openIdempotentProducer();
  try {
    await producer.send([{ topic: name, partition: partitionOf(key, partitions), key, value, headers: [], timestamp: null }]);
  } finally {
    await producer.close();
  }
  return event;
}
