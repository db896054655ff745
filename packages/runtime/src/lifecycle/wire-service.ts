import type { EngineSettings } from '@vigil/kafka';
import { startAdminServer } from '../http/admin-server.ts';
import type { Health } from '../http/create-health.ts';
import { loadKeys } from '../keys/load-keys.ts';
import type { SettingsOf } from '../settings/setting.ts';
import { silentTracer, type BatchTracer } from '../telemetry/batch-tracer.ts';
import { bindEvents } from '../telemetry/bind-events.ts';
import type { LogSinks } from '../telemetry/create-log.ts';
import { createMetrics } from '../telemetry/create-metrics.ts';
import type { EmittersOf, EventDeclarations } from '../telemetry/define-events.ts';
import { observeEngine } from '../telemetry/observe-engine.ts';
import type { SpanTracer } from '../telemetry/span-tracer.ts';
import { besideLive, type RunSettings } from './beside-live.ts';
import type { Closers, OnClose } from './create-closers.ts';
import { holdHalted } from './hold-halted.ts';
import type { Platform } from './platform.ts';
import type { KeysOf, ServiceContext, ServiceDefinition, ServiceShape } from './service-context.ts';
import { createSupervision } from './supervise-stage.ts';

export interface Wiring {
  readonly platform: Platform;
  readonly health: Health;
  readonly logging: LogSinks;
  readonly closers: Closers;
  readonly fail: (error: unknown) => void;
  readonly finish: () => void;
}

/** Version of the whole repository: services are released together. */
export const serviceVersion = '0.1.0';

/** Share of the shutdown time that a stage may take to drain; the rest is for what is closed after it. */
const drainShare = 0.75;

const engineSettingsOf = (service: string, settings: SettingsOf<ServiceShape>): Partial<EngineSettings> => ({
  commitIntervalMs: settings.commitIntervalMs,
  commitRecords: settings.commitRecords,
  sessionTimeoutMs: settings.sessionTimeoutMs,
  quarantine: { consecutive: settings.quarantineConsecutive, ratio: settings.quarantineRatio, ratioMinRecords: 5000 },
  service,
  serviceVersion,
});

/** OpenTelemetry is only loaded where a collector is configured: it is a third of a service's start-up. */
async function openTracer(
  service: string,
  endpoint: string | undefined,
  { platform, closers }: Wiring,
): Promise<(BatchTracer & SpanTracer) | null> {
  if (endpoint === undefined) return null;
  const { startTracing } = await import('../telemetry/start-tracing.ts');
  const tracing = startTracing({ service, version: serviceVersion, endpoint, clock: platform.clock });
  closers.onClose('traces', () => tracing.close());
  return tracing.tracer;
}

async function openAdmin(settings: SettingsOf<ServiceShape>, service: string, { closers, health, logging }: Wiring) {
  const metrics = createMetrics(service);
  metrics.watchProcess();
  const admin = await startAdminServer({ host: settings.adminHost, port: settings.adminPort, metrics, health });
  closers.onClose('admin server', () => admin.close());
  logging.log.info('metrics and health are served', { port: admin.port, host: settings.adminHost });
  return { metrics, http: admin.app };
}

/** Settings that some services have: a run beside the live stage, and which stage of several it is. */
type BesideSettings = Partial<RunSettings> & { readonly runStage?: string | undefined };

function openKafka(settings: SettingsOf<ServiceShape> & BesideSettings, clientId: string, platform: Platform, onClose: OnClose) {
  const { client, registry } = platform.connect(settings, clientId);
  onClose('kafka client', () => client.close());
  return { registry, client: besideLive(client, settings.runStage ?? clientId, settings, platform.clock) };
}

/** A run beside the live stage may end by its limits without halting the live one. */
const isBesideLive = ({ runId }: Partial<RunSettings>): boolean => runId !== undefined;
const failAlone = (): Promise<void> => Promise.resolve();

/** Opens what every service needs, in the order in which it is needed; it is closed in the reverse order. */
export async function wireService<Shape extends ServiceShape, Declared extends EventDeclarations>(
  { name, settings: { shape }, events }: ServiceDefinition<Shape, Declared>,
  parsed: SettingsOf<Shape>,
  wiring: Wiring,
): Promise<ServiceContext<Shape, Declared>> {
  const { platform, closers, health, logging, fail, finish } = wiring;
  const settings = parsed as SettingsOf<ServiceShape> & BesideSettings & { readonly keysFile?: string };
  const keys = 'keysFile' in shape && settings.keysFile !== undefined ? loadKeys(settings.keysFile) : null;
  const { metrics, http } = await openAdmin(settings, name, wiring);
  const tracer = await openTracer(name, settings.otlpEndpoint, wiring);
  const sinks = { write: logging.write, metrics };
  const { onClose } = closers;
  const connection = openKafka(settings, name, platform, onClose);
  const { client, onStageFailed } = isBesideLive(settings)
    ? { client: connection.client, onStageFailed: failAlone }
    : holdHalted(connection, { service: name, clock: platform.clock, health, log: logging.log });
  const supervision = { health, onClose, fail, onStageFailed, sinks, drainMs: settings.shutdownMs * drainShare };
  return {
    settings: parsed,
    argv: platform.argv,
    client,
    registry: connection.registry,
    observer: observeEngine(sinks, tracer ?? silentTracer),
    spans: tracer,
    engine: engineSettingsOf(name, settings),
    supervise: createSupervision(supervision),
    keys: keys as KeysOf<Shape>,
    clock: platform.clock,
    log: logging.log,
    events: events === undefined ? ({} as EmittersOf<Declared>) : bindEvents(events, sinks),
    metrics,
    health,
    http,
    onClose,
    fail,
    finish,
  };
}
