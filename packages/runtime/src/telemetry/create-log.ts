import { pino, type DestinationStream, type Level, type Logger } from 'pino';
import { isVigilError } from '@vigil/core';
import type { LogLevel } from './define-events.ts';

/** The facts a log line may carry beside its constant message. Positions identify records; nothing of a record is logged. */
export interface LogFields {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly group?: string;
  readonly stage?: string;
  readonly code?: string;
  readonly count?: number;
  readonly durationMs?: number;
  readonly attempt?: number;
  readonly state?: string;
  readonly part?: string;
  readonly file?: string;
  readonly host?: string;
  readonly port?: number;
  readonly signal?: string;
}

const allowed = new Set<keyof LogFields>([
  'topic',
  'partition',
  'offset',
  'group',
  'stage',
  'code',
  'count',
  'durationMs',
  'attempt',
  'state',
  'part',
  'file',
  'host',
  'port',
  'signal',
]);

/** Structured log: constant messages plus fields of an allow-list; others are dropped at run time too. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** An error with what is safe of it: code, class and stack frames; the message of our own catalogue's errors only. */
  failure(message: string, error: unknown, fields?: LogFields): void;
}

/** Writes a line whose fields were already held against an allow-list: for events and the log itself. */
export type WriteLine = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

export interface LogSinks {
  readonly log: Log;
  readonly write: WriteLine;
}

const keep = (fields: LogFields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => allowed.has(name as keyof LogFields)));

const framesOf = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .slice(0, 12);

const safeCode = (error: object): string | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
};

/**
 * What may be logged of a failure. The message of a foreign error may hold patient data (PostgreSQL quotes values),
 * so only the messages of the catalogue are written, whose details are names and never data.
 */
export function describeFailure(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { errorType: typeof error };
  const cause = error.cause === undefined ? {} : { cause: describeFailure(error.cause) };
  const code = safeCode(error);
  return {
    errorType: error.constructor.name,
    ...(code !== undefined && { code }),
    ...(isVigilError(error) && { errorMessage: error.message, kind: error.kind }),
    frames: framesOf(error),
    ...cause,
  };
}

export interface LogOptions {
  readonly service: string;
  readonly level: Level | 'silent';
  /** Standard output unless told. */
  readonly destination?: DestinationStream;
}

const writerOf =
  (logger: Logger): WriteLine =>
  (level, message, fields) =>
    logger[level](fields, message);

/** JSON lines with `time` (ISO 8601), `level` as a word, `service`, `msg`. */
export function createLog({ service, level, destination }: LogOptions): LogSinks {
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
  const write = writerOf(logger);
  const line =
    (severity: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      write(severity, message, keep(fields));
  return {
    write,
    log: {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      failure: (message, error, fields = {}) => write('error', message, { ...keep(fields), ...describeFailure(error) }),
    },
  };
}
