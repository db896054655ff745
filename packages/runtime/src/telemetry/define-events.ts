import type { EventFields, PayloadOf } from './event-fields.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

interface MetricNames<Name extends string> {
  /** `vigil_<name>_<unit>`, of a counter with `_total` behind it. The service is a label of every metric. */
  readonly name: `vigil_${string}`;
  /** One sentence for docs/reference/metrics.md. */
  readonly help: string;
  /** Fields whose values become labels: closed sets and names of our own only. */
  readonly labels?: readonly Name[];
}

/** Adds one, or the number in the field `by`. */
export interface CounterOf<Name extends string> extends MetricNames<Name> {
  readonly kind: 'counter';
  readonly by?: Name;
}

/** Is set to the number in the field `value`. */
export interface GaugeOf<Name extends string> extends MetricNames<Name> {
  readonly kind: 'gauge';
  readonly value: Name;
}

/** Observes the number in the field `value`; milliseconds become seconds where the metric's unit is seconds. */
export interface HistogramOf<Name extends string> extends MetricNames<Name> {
  readonly kind: 'histogram';
  readonly value: Name;
  readonly buckets: readonly number[];
}

export type MetricOf<Name extends string> = CounterOf<Name> | GaugeOf<Name> | HistogramOf<Name>;

/** A domain happening: what is logged, what is counted. Its fields are an allow-list. */
export interface EventDeclaration<Fields extends EventFields = EventFields> {
  /** `none` for what happens per record: it is only counted. */
  readonly level: LogLevel | 'none';
  /** A constant sentence; facts go into fields. */
  readonly message: string;
  readonly fields: Fields;
  readonly metric?: MetricOf<string>;
  /** Where one happening moves several metrics. */
  readonly metrics?: readonly MetricOf<string>[];
}

interface CheckedDeclaration<Fields extends EventFields> extends EventDeclaration<Fields> {
  readonly metric?: MetricOf<keyof Fields & string>;
  readonly metrics?: readonly MetricOf<keyof Fields & string>[];
}

export type EventDeclarations = Readonly<Record<string, EventDeclaration>>;

/** The events of one service (or package) as a value: bound by `runService`, printed by the reference. */
export interface EventsDefinition<Declared extends EventDeclarations = EventDeclarations> {
  readonly source: string;
  readonly declared: Declared;
}

/** One function per event: emits its log line and moves its metric. */
export type EmittersOf<Declared extends EventDeclarations> = {
  readonly [Name in keyof Declared]: (payload: PayloadOf<Declared[Name]['fields']>) => void;
};

/** Declares one event; it exists so that `metric` is checked against `fields`. */
export const event = <const Fields extends EventFields>(declaration: CheckedDeclaration<Fields>): EventDeclaration<Fields> => declaration;

/** @param source  name of the service or package whose events these are */
export const defineEvents = <const Declared extends EventDeclarations>(source: string, declared: Declared): EventsDefinition<Declared> => ({
  source,
  declared,
});

/** The metrics of an event, in order of declaration. */
export const metricsOf = ({ metric, metrics = [] }: EventDeclaration): readonly MetricOf<string>[] =>
  metric === undefined ? metrics : [metric, ...metrics];

/** Histogram buckets in seconds for end-to-end times; each service-level objective has its boundary among them. */
export const endToEndBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900] as const;
