import type { Clock } from '@vigil/core';
import { liveLagOf, openObservedLags, systemEngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { EmittersOf, Log, OnClose } from '@vigil/runtime';
import type { events } from '../events.ts';
import { createAdmission, type AdmissionSettings } from '../domain/admission.ts';
import { createByteLane } from '../domain/byte-lane.ts';
import { createLoadLimit } from '../domain/load-limit.ts';
import type { VitalLimits } from '../domain/plausibility.ts';
import { createGateway, type ReadLatest } from '../http/create-gateway.ts';
import { createClaimEncoder } from './claim-encoder.ts';
import { createBatchingPublisher } from './batching-publisher.ts';
import { observeGateway, observeLag } from './observe-gateway.ts';
import { readApiKey } from './read-api-key.ts';
import { serveGateway } from './serve-gateway.ts';
import { watchLag } from './watch-lag.ts';

/** The share of the settings that the gateway needs. */
export interface GatewaySettings {
  readonly gatewayHost: string;
  readonly gatewayPort?: number | undefined;
  readonly gatewayApiKeyFile?: string | undefined;
  readonly gatewayTimeoutMs: number;
  readonly gatewayWaitingMegabytes: number;
  readonly gatewayBodiesMegabytes: number;
  readonly gatewayTargetMs: number;
  readonly historicAfterMs: number;
  readonly highLagMs: number;
  readonly lowLagMs: number;
  readonly minAdmittedRate: number;
  readonly maxAdmittedRate: number;
}

export interface GatewayParts {
  readonly settings: GatewaySettings;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly limits: VitalLimits;
  readonly partitionsOf: (topic: string) => number;
  readonly readLatest: ReadLatest;
  readonly events: EmittersOf<(typeof events)['declared']>;
  readonly log: Log;
  readonly onClose: OnClose;
}

/** Groups whose lag the gateway can measure without a database, when the lag observer is silent. */
const watchedGroups = ['device-ingest', 'vitals-windowing'];
const sampleEveryMs = 1000;
/** From half the rate back to all of it in about ten seconds of low lag. */
const recoveryShare = 0.1;

/**
 * From what keeps a machine busy whose answers are slow for another reason than ours (less would starve it: each round trip carries
 * no more), to as many as one carries in a few seconds.
 */
const itemsUnderWay = { minItems: 4000, maxItems: 50_000 } as const;
/** Connections that wait for room hold no body yet. */
const mostWaiting = 4096;

const admissionOf = ({ highLagMs, lowLagMs, minAdmittedRate, maxAdmittedRate }: GatewaySettings): AdmissionSettings => ({
  highLagSeconds: highLagMs / 1000,
  lowLagSeconds: lowLagMs / 1000,
  minRate: minAdmittedRate,
  maxRate: maxAdmittedRate,
  increasePerSecond: maxAdmittedRate * recoveryShare,
});

/**
 * Serves the gateway where a port is configured; closed in reverse: no new request, then what is being sent, then the lag.
 * @returns its port, null where none is configured
 */
export async function openGateway(parts: GatewayParts): Promise<number | null> {
  const { settings, client, clock, limits, events, log, onClose } = parts;
  const { gatewayHost: host, gatewayPort: port, gatewayApiKeyFile } = settings;
  if (port === undefined || gatewayApiKeyFile === undefined) return null;
  const apiKey = readApiKey(gatewayApiKeyFile);
  const admission = createAdmission(admissionOf(settings));
  const observedLags = openObservedLags(client, parts.registry);
  onClose('observed lags', () => observedLags.close());
  const load = createLoadLimit({ targetMs: settings.gatewayTargetMs, ...itemsUnderWay });
  const onLag = observeLag(events, settings.maxAdmittedRate);
  const lag = watchLag({
    observed: async () => liveLagOf(await observedLags.read(0), clock.now()),
    admin: client.admin,
    groups: watchedGroups,
    admission,
    clock: systemEngineClock,
    everyMs: sampleEveryMs,
    onSample: (sample) => {
      onLag(sample);
      events.loadSampled({ items: load.inFlight(), limit: Math.round(load.limit()) });
    },
    onError: (error) => log.failure('the lag downstream could not be sampled', error),
  });
  onClose('lag watch', () => lag.stop());
  const publisher = createBatchingPublisher({
    openProducer: () => client.openIdempotentProducer(),
    partitionsOf: parts.partitionsOf,
    clock: systemEngineClock,
    timeoutMs: settings.gatewayTimeoutMs,
    maxWaitingBytes: settings.gatewayWaitingMegabytes * 1024 * 1024,
  });
  onClose('publisher', () => publisher.close());
  const { historicAfterMs } = settings;
  const observer = observeGateway(events, log);
  const app = createGateway({
    apiKey,
    readLatest: parts.readLatest,
    encodeClaim: createClaimEncoder(parts.registry),
    bodies: createByteLane({ maxBytes: settings.gatewayBodiesMegabytes * 1024 * 1024, maxWaiting: mostWaiting }),
    longestWaitMs: settings.gatewayTimeoutMs,
    observer,
    clock,
    publisher,
    admission,
    load,
    historicAfterMs,
    limits,
  });
  const served = await serveGateway(app, { host, port });
  onClose('gateway', () => served.close());
  events.gatewayServed({ port: served.port });
  return served.port;
}
