import {
  metricsOf,
  type EmittersOf,
  type EventDeclaration,
  type EventDeclarations,
  type EventsDefinition,
  type MetricOf,
} from './define-events.ts';
import type { EventFields } from './event-fields.ts';
import type { Labels, Metrics } from './create-metrics.ts';
import type { WriteLine } from './create-log.ts';

export interface EventSinks {
  readonly write: WriteLine;
  readonly metrics: Metrics;
}

type Payload = Readonly<Record<string, unknown>>;

/** Stands in a log line or label where a value was not of its declared kind. */
const refusedValue = '(refused)';

/** The declared fields of `payload` and no others; a value of another kind than declared is not let through. */
const allow = ({ fields }: EventDeclaration, payload: Payload): Payload =>
  Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kind.accepts(payload[name]) ? payload[name] : refusedValue]));

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Fields hold milliseconds, metrics seconds. */
const divisorOf = ({ name, value }: { readonly name: string; readonly value: string }, fields: EventFields): number =>
  fields[value]?.milliseconds === true && name.endsWith('_seconds') ? 1000 : 1;

type Move = (payload: Payload) => void;

function bindMetric(metric: MetricOf<string>, fields: EventFields, metrics: Metrics): Move {
  const names = metric.labels ?? [];
  const unfit = names.find((name) => fields[name]?.labelable !== true);
  if (unfit !== undefined) throw new TypeError(`metric ${metric.name}: field ${unfit} cannot be a label`);
  const labelsOf = (payload: Payload): Labels => Object.fromEntries(names.map((name) => [name, String(payload[name])]));
  switch (metric.kind) {
    case 'counter': {
      const counter = metrics.counter(metric);
      return (payload) => counter.add(metric.by === undefined ? 1 : numberOf(payload[metric.by]), labelsOf(payload));
    }
    case 'gauge': {
      const gauge = metrics.gauge(metric);
      const divisor = divisorOf(metric, fields);
      return (payload) => gauge.set(numberOf(payload[metric.value]) / divisor, labelsOf(payload));
    }
    case 'histogram': {
      const histogram = metrics.histogram(metric);
      const divisor = divisorOf(metric, fields);
      return (payload) => histogram.observe(numberOf(payload[metric.value]) / divisor, labelsOf(payload));
    }
  }
}

function bindOne(name: string, declaration: EventDeclaration, { write, metrics }: EventSinks): Move {
  const moves = metricsOf(declaration).map((metric) => bindMetric(metric, declaration.fields, metrics));
  const { level, message } = declaration;
  return (payload) => {
    const facts = allow(declaration, payload);
    if (level !== 'none') write(level, message, { event: name, ...facts });
    for (const move of moves) move(facts);
  };
}

/** Turns declared events into functions that log and count. */
export const bindEvents = <Declared extends EventDeclarations>(
  { declared }: EventsDefinition<Declared>,
  sinks: EventSinks,
): EmittersOf<Declared> =>
  Object.fromEntries(
    Object.entries(declared).map(([name, declaration]) => [name, bindOne(name, declaration, sinks)]),
  ) as unknown as EmittersOf<Declared>;

/** Takes back what the gauges of an event show: an old figure would stay where another instance tells the new ones. */
export function resetGauges(declaration: EventDeclaration, metrics: Metrics): void {
  for (const metric of metricsOf(declaration)) if (metric.kind === 'gauge') metrics.gauge(metric).reset();
}
