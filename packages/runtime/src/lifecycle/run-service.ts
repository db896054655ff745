import { startAdminServer } from '../http/admin-server.ts';
import { createHealth, type Health } from '../http/create-health.ts';
import { loadKeys } from '../keys/load-keys.ts';
import type { SettingsOf } from '../settings/setting.ts';
import { bindEvents } from '../telemetry/bind-events.ts';
import { createLog, type LogSinks } from '../telemetry/create-log.ts';
import { createMetrics } from '../telemetry/create-metrics.ts';
import type { EmittersOf, EventDeclarations } from '../telemetry/define-events.ts';
import { connectKafka } from './connect-kafka.ts';
import { createClosers, type Closers } from './create-closers.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { nodePlatform, type Platform, type StopSignal } from './platform.ts';
import type { KeysOf, ServiceContext, ServiceDefinition, ServiceShape, Start } from './service-context.ts';

type Ending = { readonly by: 'signal'; readonly signal: StopSignal } | { readonly by: 'failure'; readonly error: unknown };

interface Running {
  readonly health: Health;
  readonly sinks: LogSinks;
  readonly closers: Closers;
  readonly shutdownMs: number;
}

async function wire<Shape extends ServiceShape, Declared extends EventDeclarations>(
  { name, settings: definition, events }: ServiceDefinition<Shape, Declared>,
  settings: SettingsOf<Shape> & SettingsOf<ServiceShape>,
  { running, platform, fail }: { running: Running; platform: Platform; fail: (error: unknown) => void },
): Promise<ServiceContext<Shape, Declared>> {
  const { closers, health, sinks } = running;
  const metrics = createMetrics(name);
  const keys = 'keysFile' in definition.shape ? loadKeys(settings['keysFile'] as string) : null;
  const admin = await startAdminServer({ host: settings.adminHost, port: settings.adminPort, metrics, health });
  closers.onClose('admin server', () => admin.close());
  sinks.log.info('metrics and health are served', { port: admin.port, host: settings.adminHost });
  const { client, registry } = platform.connect(settings, name);
  closers.onClose('kafka client', () => client.close());
  return {
    settings,
    argv: platform.argv,
    client,
    registry,
    observer: undefined,
    keys: keys as KeysOf<Shape>,
    clock: platform.clock,
    log: sinks.log,
    events: events === undefined ? ({} as EmittersOf<Declared>) : bindEvents(events, { write: sinks.write, metrics }),
    metrics,
    health,
    http: admin.app,
    onClose: closers.onClose,
    fail,
  };
}

/** Ordered, bounded; a second signal ends the process at once. */
async function stop({ health, sinks, closers, shutdownMs }: Running, ending: Ending): Promise<ExitCode> {
  health.stopping();
  if (ending.by === 'signal') sinks.log.info('stopping', { signal: ending.signal });
  else sinks.log.failure('stopping after a failure', ending.error);
  const failures = await closers.closeAll(shutdownMs);
  for (const { name, error } of failures) sinks.log.failure('a part did not close in order', error, { part: name });
  if (ending.by === 'failure') return exitCodeOf(ending.error);
  return failures.length === 0 ? exitCodes.done : exitCodes.failed;
}

/**
 * Runs a service until a signal or a failure ends it: settings, keys, log, metrics, health, Kafka; then `start`.
 * Exit codes: 0 after SIGTERM or SIGINT, 78 when the configuration is wrong, 1 for every other failure.
 */
export async function runService<Shape extends ServiceShape, Declared extends EventDeclarations = Record<never, never>>(
  definition: ServiceDefinition<Shape, Declared>,
  start: Start<Shape, Declared>,
  platform: Platform = nodePlatform(connectKafka),
): Promise<void> {
  let settings: SettingsOf<Shape> & SettingsOf<ServiceShape>;
  try {
    settings = definition.settings.parse(platform.env) as typeof settings;
  } catch (error) {
    platform.say(error instanceof Error ? error.message : String(error));
    platform.exit(exitCodeOf(error));
    return;
  }
  const sinks = createLog({
    service: definition.name,
    level: settings.logLevel,
    ...(platform.logDestination && { destination: platform.logDestination }),
  });
  const running: Running = { health: createHealth(), sinks, closers: createClosers(platform.clock), shutdownMs: settings.shutdownMs };
  const ended = Promise.withResolvers<Ending>();
  const fail = (error: unknown): void => ended.resolve({ by: 'failure', error });
  let signals = 0;
  const offSignal = platform.onSignal((signal) => {
    if (++signals > 1) platform.exit(exitCodes.failed);
    ended.resolve({ by: 'signal', signal });
  });
  const offUnhandled = platform.onUnhandled(fail);
  const started = (async () => {
    await start(await wire(definition, settings, { running, platform, fail }));
    running.health.started();
    sinks.log.info('started');
  })();
  started.catch(fail);
  const ending = await ended.promise;
  const code = await stop(running, ending);
  if (ending.by === 'failure') platform.say(`${definition.name} ends with exit code ${code}; see its log.`);
  offSignal();
  offUnhandled();
  platform.exit(code);
}
