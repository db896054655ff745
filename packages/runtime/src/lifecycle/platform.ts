import type { DestinationStream } from 'pino';
import { systemClock, type Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { SettingsOf } from '../settings/setting.ts';
import type { serviceSettings } from '../settings/shared-settings.ts';

export type StopSignal = 'SIGTERM' | 'SIGINT';

/** The process as the runtime needs it: Node's own, or a test's. */
export interface Platform {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments behind the program's name. */
  readonly argv: readonly string[];
  readonly clock: Clock;
  /** Where log lines go; standard output unless given. */
  readonly logDestination?: DestinationStream;
  connect(settings: SettingsOf<typeof serviceSettings>, clientId: string): Connection;
  /** Calls back on each SIGTERM and SIGINT. Returns how to stop listening. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Calls back on an error or rejection that nobody handled. Returns how to stop listening. */
  onUnhandled(listener: (error: unknown) => void): () => void;
  /** Text for whoever started the program, on standard error. */
  say(text: string): void;
  exit(code: number): void;
}

export interface Connection {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
}

const signals = ['SIGTERM', 'SIGINT'] as const satisfies readonly StopSignal[];
const unhandled = ['uncaughtException', 'unhandledRejection'] as const;

export const nodePlatform = (connect: Platform['connect']): Platform => ({
  env: process.env,
  argv: process.argv.slice(2),
  clock: systemClock,
  connect,
  onSignal: (listener) => {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  onUnhandled: (listener) => {
    for (const name of unhandled) process.on(name, listener);
    return () => {
      for (const name of unhandled) process.off(name, listener);
    };
  },
  say: (text) => {
    process.stderr.write(`${text}\n`);
  },
  exit: (code) => {
    process.exit(code);
  },
});
