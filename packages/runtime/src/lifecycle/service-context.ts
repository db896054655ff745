import type { Router } from 'express';
import type { Clock } from '@vigil/core';
import type { EngineObserver, EngineSettings, KafkaClient, SchemaRegistry, Stage } from '@vigil/kafka';
import type { Health } from '../http/create-health.ts';
import type { Keys } from '../keys/load-keys.ts';
import type { SettingsDefinition } from '../settings/define-settings.ts';
import type { Setting, SettingsOf, SettingsShape } from '../settings/setting.ts';
import type { serviceSettings } from '../settings/shared-settings.ts';
import type { Log } from '../telemetry/create-log.ts';
import type { Metrics } from '../telemetry/create-metrics.ts';
import type { EmittersOf, EventDeclarations, EventsDefinition } from '../telemetry/define-events.ts';
import type { SpanTracer } from '../telemetry/span-tracer.ts';
import type { OnClose } from './create-closers.ts';

/** A service's shape holds at least the groups of `serviceSettings`. */
export type ServiceShape = SettingsShape & typeof serviceSettings;

/** Keys are there for services whose shape holds `keySettings`. */
export type KeysOf<Shape extends SettingsShape> = Shape extends { readonly keysFile: Setting<string> } ? Keys : null;

export interface ServiceDefinition<Shape extends ServiceShape, Declared extends EventDeclarations> {
  /** Name of the service: label of metrics and logs, client id. */
  readonly name: string;
  readonly settings: SettingsDefinition<Shape>;
  readonly events?: EventsDefinition<Declared>;
}

/** What a service is started with. */
export interface ServiceContext<Shape extends ServiceShape, Declared extends EventDeclarations> {
  readonly settings: SettingsOf<Shape>;
  /** Arguments behind the program's name, for example `--target lake`. */
  readonly argv: readonly string[];
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** Carries the engine's doings to metrics, logs and traces: hand it to `runTopology`. */
  readonly observer: EngineObserver;
  /** For spans of other work than the engine's; null = no collector is configured, and making a span would be wasted. */
  readonly spans: SpanTracer | null;
  /** The engine's share of the settings: hand it to `runTopology`. */
  readonly engine: Partial<EngineSettings>;
  /** Registers a running stage: drained on close, asked for health and lag, its end ends the service. */
  readonly supervise: (name: string, stage: Stage) => void;
  readonly keys: KeysOf<Shape>;
  readonly clock: Clock;
  readonly log: Log;
  /** One function per event of the service's `events`. */
  readonly events: EmittersOf<Declared>;
  readonly metrics: Metrics;
  readonly health: Health;
  /** The internal server of metrics and health, for further internal routes. */
  readonly http: Router;
  /** Closed last opened first on SIGTERM, SIGINT and failure. */
  readonly onClose: OnClose;
  /** Ends the service because of `error`: everything is closed, the exit code follows from the error. */
  readonly fail: (error: unknown) => void;
  /** Ends the service because bounded work is done: everything is closed, the exit code is 0. */
  readonly finish: () => void;
}

export type Start<Shape extends ServiceShape, Declared extends EventDeclarations> = (
  context: ServiceContext<Shape, Declared>,
) => Promise<void>;
