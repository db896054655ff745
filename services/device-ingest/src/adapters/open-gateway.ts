import type { Clock } from '@vigil/core';
import { liveGroups, liveLagOf, openObservedLags, systemEngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { EmittersOf, Log, OnClose } from '@vigil/runtime';
import type { events } from '../events.ts';
import { createAdmission, type Admission, type AdmissionSettings } from '../domain/admission.ts';
import { createByteLane } from '../domain/byte-lane.ts';
import { createLoadLimit } from '../domain/load-limit.ts';
import type { VitalLimits } from '../domain/plausibility.ts';
import { createGateway, type ReadLatest } from '../http/create-gateway.ts';
import { createClaimEncoder } from './claim-encoder.ts';
import type { BodyRoom } from '../http/hold-body.ts';
import { createBatchingPublisher } from './batching-publisher.ts';
import { observeClaimLag, observeGateway, observeLag } from './observe-gateway.ts';
import { readApiKey } from './read-api-key.ts';
import { serveGateway } from './serve-gateway.ts';
import { watchLag, type LagWatchOptions } from './watch-lag.ts';

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
/** Groups between a claim and its decision. */
const claimGroups = ['claims-validator-intake', 'claims-validator-adjudicate'];
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

/** An eighth is kept for what monitors send, one small body each: uploads may fill the rest. */
function bodyRoomOf(megabytes: number): BodyRoom {
  const maxBytes = megabytes * 1024 * 1024;
  const small = Math.floor(maxBytes / 8);
  const laneOf = (bytes: number) => createByteLane({ maxBytes: bytes, maxWaiting: mostWaiting });
  return { small: laneOf(small), any: laneOf(maxBytes - small) };
}

const admissionOf = ({ highLagMs, lowLagMs, minAdmittedRate, maxAdmittedRate }: GatewaySettings): AdmissionSettings => ({
  highLagSeconds: highLagMs / 1000,
  lowLagSeconds: lowLagMs / 1000,
  minRate: minAdmittedRate,
  maxRate: maxAdmittedRate,
  increasePerSecond: maxAdmittedRate * recoveryShare,
});

interface Admissions {
  readonly admission: Admission;
  /** Claims give way to readings and not the other way round: they use up nothing of what readings are let in by. */
  readonly claimAdmission: Admission;
  /** Told of each sample of the lag of readings. */
  readonly onSample: () => void;
}

/** Samples the lag of what holds readings back, and of what holds claims back; each has its own admission. */
function watchLags({ settings, client, registry, clock, events, log, onClose }: GatewayParts, admissions: Admissions): void {
  const { admission, claimAdmission } = admissions;
  const observedLags = openObservedLags(client, registry);
  onClose('observed lags', () => observedLags.close());
  // One fetcher for both: who asks while it reads waits for the same answer.
  let reading: ReturnType<typeof observedLags.read> | null = null;
  const read = () => (reading ??= observedLags.read(0).finally(() => (reading = null)));
  const watch = (name: string, options: Pick<LagWatchOptions, 'observed' | 'groups' | 'admission' | 'onSample'>): void => {
    const onError = (error: unknown): void => log.failure('the lag downstream could not be sampled', error);
    const lag = watchLag({ ...options, admin: client.admin, clock: systemEngineClock, everyMs: sampleEveryMs, onError });
    onClose(name, () => lag.stop());
  };
  const onLag = observeLag(events, settings.maxAdmittedRate);
  watch('lag watch', {
    observed: async () => liveLagOf(await read(), clock.now()),
    groups: watchedGroups,
    admission,
    onSample: (sample) => {
      onLag(sample);
      admissions.onSample();
    },
  });
  watch('lag watch of claims', {
    observed: async () => liveLagOf(await read(), clock.now(), [...liveGroups, ...claimGroups]),
    groups: [...watchedGroups, ...claimGroups],
    admission: claimAdmission,
    onSample: observeClaimLag(events, settings.maxAdmittedRate),
  });
}

/**
 * Serves the gateway where a port is configured; closed in reverse: no new request, then what is being sent, then the lag.
 * @returns its port, null where none is configured
 */
export async function openGateway(parts: GatewayParts): Promise<number | null> {
  const { settings, client, clock, limits, events, log, onClose } = parts;
  const { gatewayHost: host, gatewayPort: port, gatewayApiKeyFile } = settings;
  if (port === undefined || gatewayApiKeyFile === undefined) return null;
  const apiKey = readApiKey(gatewayApiKeyFile);
  const [admission, claimAdmission] = [createAdmission(admissionOf(settings)), createAdmission(admissionOf(settings))];
  const load = createLoadLimit({ targetMs: settings.gatewayTargetMs, ...itemsUnderWay });
  const onSample = (): void => events.loadSampled({ items: load.inFlight(), limit: Math.round(load.limit()) });
  watchLags(parts, { admission, claimAdmission, onSample });
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
    bodies: bodyRoomOf(settings.gatewayBodiesMegabytes),
    longestWaitMs: settings.gatewayTimeoutMs,
    observer,
    clock,
    steady: systemEngineClock,
    publisher,
    admission,
    claimAdmission,
    load,
    historicAfterMs,
    limits,
  });
  const served = await serveGateway(app, { host, port });
  onClose('gateway', () => served.close());
  events.gatewayServed({ port: served.port });
  return served.port;
}
