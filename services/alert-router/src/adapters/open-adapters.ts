import { tokenOf, type NamedKey } from '@vigil/core';
import type { KafkaClient, SchemaRegistry, SinkTarget } from '@vigil/kafka';
import { createPool, createPostgresTarget } from '@vigil/postgres';
import type { Channel } from '../domain/route.ts';
import type { IncidentBook, Outbox, RelayChanges, Sender } from '../handlers/ports.ts';
import type { AlertRules } from '../policy/load-alert-policy.ts';
import { alertSink } from '../topology.ts';
import { createChangeRelay } from './create-change-relay.ts';
import { createHeartbeat } from './create-heartbeat.ts';
import { createIncidentBook } from './create-incident-book.ts';
import { createIncidentWriter } from './create-incident-writer.ts';
import { createOutbox } from './create-outbox.ts';
import { createSenders } from './create-senders.ts';

export interface AdapterOptions {
  readonly settings: AdapterSettings;
  readonly rules: AlertRules;
  readonly tokenKey: NamedKey;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** Called after a batch of alerts was committed. */
  readonly onWritten: () => void;
}

export interface AdapterSettings {
  readonly databaseUrl: string;
  readonly pagerDutyUrl: string;
  readonly slackUrl: string;
  readonly smtpUrl: string;
  readonly incidentUrl?: string | undefined;
  readonly heartbeatUrl?: string | undefined;
  readonly lateAfterMs: number;
  readonly providerTimeoutMs: number;
  readonly alertRetentionDays: number;
}

export interface Adapters {
  readonly target: SinkTarget;
  readonly outbox: Outbox;
  readonly book: IncidentBook;
  readonly relay: RelayChanges;
  readonly senders: Readonly<Record<Channel, Sender>>;
  readonly beat?: () => Promise<number>;
  readonly close: () => Promise<void>;
}

const role = 'vigil_alert_router';
/** A claim outlives the longest exchange with a provider (mail waits three times); after a crash its message is sent again this late. */
const leasePerTimeout = 4;
/** Longer than the wait between two fetches while a partition has backlog. */
const holdMs = 2_000;
const overdueAfterMs = 10_000;

/** Database, providers and broker behind the ports. Delivery has its own pool: a burst of alerts cannot starve it. */
export function openAdapters({ settings, rules, tokenKey, client, registry, onWritten }: AdapterOptions): Adapters {
  const { router, keys, mailFrom } = rules;
  const { databaseUrl: url, heartbeatUrl, lateAfterMs, providerTimeoutMs: timeoutMs } = settings;
  const sinkPool = createPool({ url, applicationName: 'alert-router sink', role, maxConnections: 4 });
  const pool = createPool({ url, applicationName: 'alert-router delivery', role, maxConnections: 8 });
  const incidentIdOf = (alertId: string): string => tokenOf(tokenKey, 'incident', alertId);
  const changes = createChangeRelay({ pool, client, registry });
  return {
    target: createPostgresTarget({
      pool: sinkPool,
      sink: alertSink.name,
      writeRows: createIncidentWriter({ router, incidentIdOf, lateAfterMs, holdMs }),
      onWritten,
    }),
    outbox: createOutbox({ pool, router, leaseMs: leasePerTimeout * timeoutMs }),
    book: createIncidentBook({
      pool,
      router,
      operationalIdOf: (trouble, { channel, address }, nowMs) =>
        tokenOf(tokenKey, 'operational', [trouble, channel, address, nowMs].join(' ')),
      overdueAfterMs,
      retentionDays: settings.alertRetentionDays,
    }),
    relay: changes.relay,
    senders: createSenders({ ...settings, keys, mailFrom, timeoutMs }),
    ...(heartbeatUrl !== undefined && { beat: createHeartbeat(heartbeatUrl, timeoutMs) }),
    close: async () => {
      await changes.close();
      await Promise.all([sinkPool.end(), pool.end()]);
    },
  };
}
