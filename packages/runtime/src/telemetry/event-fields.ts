import { errorCatalogue, type ErrorCode } from '@vigil/core';

/**
 * What a field of an event may hold. There is no kind for free text: what is not a number, a word of a closed set or
 * a name of our own cannot be logged, so that patient data cannot be logged either.
 */
export interface EventField<Value = unknown> {
  readonly type: string;
  /** Whether it may be a metric's label: its values are few and known. */
  readonly labelable: boolean;
  /** Milliseconds, which a metric in seconds divides by 1000. */
  readonly milliseconds: boolean;
  accepts(value: unknown): boolean;
  /** Never set; it only carries the type. */
  readonly valueType?: Value;
}

interface Kind {
  readonly labelable?: boolean;
  readonly milliseconds?: boolean;
  readonly accepts: (value: unknown) => boolean;
}

const kindOf = <Value>(type: string, { labelable = false, milliseconds = false, accepts }: Kind): EventField<Value> => ({
  type,
  labelable,
  milliseconds,
  accepts,
});

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

/** The kinds of event fields. */
export const field = {
  /** How many: a whole number from 0. */
  count: () => kindOf<number>('count', { accepts: isWhole }),
  /** Any finite number that is no measurement of a patient: a ratio, a rate, a limit of the configuration. */
  number: () => kindOf<number>('number', { accepts: Number.isFinite }),
  durationMs: () =>
    kindOf<number>('milliseconds', { milliseconds: true, accepts: (value) => Number.isFinite(value) && (value as number) >= 0 }),
  /** A partition number: few and known, so it may be a label. */
  partition: () => kindOf<number>('partition', { labelable: true, accepts: isWhole }),
  offset: () => kindOf<number>('offset', { accepts: isWhole }),
  port: () => kindOf<number>('port', { accepts: isWhole }),
  flag: () => kindOf<boolean>('true or false', { accepts: (value) => typeof value === 'boolean' }),
  /** A topic's name. */
  topic: () => kindOf<string>('topic', { labelable: true, accepts: matches(/^[a-z0-9][a-z0-9.-]{2,248}$/) }),
  /** A code of the error catalogue. */
  errorCode: () =>
    kindOf<ErrorCode>('error code', {
      labelable: true,
      accepts: (value) => typeof value === 'string' && Object.hasOwn(errorCatalogue, value),
    }),
  /** A word of a closed set. */
  oneOf: <const Words extends readonly [string, ...string[]]>(...words: Words) =>
    kindOf<Words[number]>(words.join(' | '), { labelable: true, accepts: (value) => words.includes(value as string) }),
  /** A name that our own code or configuration gave: a field of a schema, a channel, a store. Never one from a record. */
  ownName: () => kindOf<string>('name', { labelable: true, accepts: matches(/^[A-Za-z][A-Za-z0-9_.-]{0,127}$/) }),
} as const;

export type EventFields = Readonly<Record<string, EventField>>;

export type PayloadOf<Fields extends EventFields> = keyof Fields extends never
  ? Readonly<Record<string, never>>
  : { readonly [Name in keyof Fields]: Fields[Name] extends EventField<infer Value> ? Value : never };
