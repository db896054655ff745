import { flushCompileCache } from 'node:module';
import { isVigilError } from '@vigil/core';
import type { SettingsOf } from '../settings/setting.ts';
import { createHealth, type Health } from '../http/create-health.ts';
import { createLog, type LogSinks } from '../telemetry/create-log.ts';
import type { EventDeclarations } from '../telemetry/define-events.ts';
import { connectKafka } from './connect-kafka.ts';
import { countBuffers } from './count-buffers.ts';
import { createClosers, type Closers } from './create-closers.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { nodePlatform, type Platform, type StopSignal } from './platform.ts';
import type { ServiceDefinition, ServiceShape, Start } from './service-context.ts';
import { wireService } from './wire-service.ts';

type Ending =
  | { readonly by: 'signal'; readonly signal: StopSignal }
  | { readonly by: 'work done' }
  | { readonly by: 'failure'; readonly error: unknown };

interface Running {
  readonly health: Health;
  readonly logging: LogSinks;
  readonly closers: Closers;
  readonly shutdownMs: number;
}

const messageOf = (error: unknown): string => (isVigilError(error) ? error.message : 'An unexpected failure.');

/** Ordered and bounded: the stage drains first, the log and the health endpoint go last. */
async function stop({ health, logging: { log }, closers, shutdownMs }: Running, ending: Ending): Promise<ExitCode> {
  health.stopping();
  if (ending.by === 'signal') log.info('stopping', { signal: ending.signal });
  else if (ending.by === 'failure') log.failure('stopping after a failure', ending.error);
  else log.info('the work is done');
  const failures = await closers.closeAll(shutdownMs);
  for (const { name, error } of failures) log.failure('a part did not close in order', error, { part: name });
  log.info('stopped');
  if (ending.by === 'failure') return exitCodeOf(ending.error);
  return failures.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** Resolves with the first thing that ends the service; a second signal ends the process at once. */
function firstEnding(platform: Platform) {
  const ended = Promise.withResolvers<Ending>();
  const fail = (error: unknown): void => ended.resolve({ by: 'failure', error });
  const finish = (): void => ended.resolve({ by: 'work done' });
  let signals = 0;
  const offSignal = platform.onSignal((signal) => {
    if (++signals > 1) platform.exit(exitCodes.failed);
    ended.resolve({ by: 'signal', signal });
  });
  const offUnhandled = platform.onUnhandled(fail);
  const stopListening = (): void => {
    offSignal();
    offUnhandled();
  };
  return { ending: ended.promise, fail, finish, stopListening };
}

/**
 * Runs a service until a signal or a failure ends it: settings, log, keys, metrics, health, traces, Kafka; then `start`.
 *
 * Exit codes: 0 after SIGTERM, SIGINT or the end of bounded work when everything closed in time, 78 when only another configuration helps,
 * 1 for every other failure (a fenced or halted stage, an unhandled rejection).
 */
export async function runService<Shape extends ServiceShape, Declared extends EventDeclarations = Record<never, never>>(
  definition: ServiceDefinition<Shape, Declared>,
  start: Start<Shape, Declared>,
  platform: Platform = nodePlatform(connectKafka),
): Promise<void> {
  countBuffers();
  let settings: SettingsOf<Shape>;
  try {
    settings = definition.settings.parse(platform.env);
  } catch (error) {
    platform.say(messageOf(error));
    platform.exit(exitCodeOf(error));
    return;
  }
  const { logLevel, shutdownMs } = settings as SettingsOf<ServiceShape>;
  const { logDestination: destination } = platform;
  const logging = createLog({ service: definition.name, level: logLevel, ...(destination && { destination }) });
  const running: Running = { health: createHealth(), logging, closers: createClosers(platform.clock), shutdownMs };
  const { ending, fail, finish, stopListening } = firstEnding(platform);
  const started = async (): Promise<void> => {
    await start(await wireService(definition, settings, { ...running, platform, fail, finish }));
    running.health.started();
    // With NODE_COMPILE_CACHE Node keeps what it compiled when it exits: a process that is killed would leave its successor nothing.
    flushCompileCache();
    logging.log.info('started');
  };
  started().catch(fail);
  const how = await ending;
  const code = await stop(running, how);
  if (how.by === 'failure') platform.say(`${definition.name} ends with exit code ${code}. ${messageOf(how.error)}`);
  stopListening();
  platform.exit(code);
}
