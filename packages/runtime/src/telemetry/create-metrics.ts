import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricDeclaration {
  readonly name: `vigil_${string}`;
  readonly help: string;
  readonly labels?: readonly string[];
}

export type Labels = Readonly<Record<string, string | number>>;

/** The process's metrics. Asking twice for one name gives the same metric. */
export interface Metrics {
  counter(declaration: MetricDeclaration): { add(amount: number, labels?: Labels): void };
  gauge(declaration: MetricDeclaration): { set(value: number, labels?: Labels): void; reset(): void };
  histogram(declaration: MetricDeclaration & { readonly buckets: readonly number[] }): { observe(value: number, labels?: Labels): void };
  /** Adds what prom-client knows of the process: CPU, memory, event loop, garbage collection, as `vigil_process_…` and `vigil_nodejs_…`. */
  watchProcess(): void;
  /** Calls `refresh` before each exposition: for gauges that are read off something when somebody looks. */
  beforeExpose(refresh: () => void): void;
  /** The text of /metrics. */
  expose(): Promise<string>;
  readonly contentType: string;
  readonly registry: Registry;
}

const snake = /^vigil_[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

function assertName({ name }: MetricDeclaration, isCounter: boolean): void {
  if (!snake.test(name)) throw new TypeError(`metric ${name} is not vigil_<name>_<unit>`);
  if (isCounter !== name.endsWith('_total')) throw new TypeError(`metric ${name}: counters, and only they, end in _total`);
}

/** A registry of its own, with the service as a label of everything in it. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const known = new Map<string, unknown>();
  const refreshes: (() => void)[] = [];
  const once = <Kind>(name: string, create: () => Kind): Kind => {
    const found = known.get(name);
    if (found !== undefined) return found as Kind;
    const created = create();
    known.set(name, created);
    return created;
  };
  const options = ({ name, help, labels = [] }: MetricDeclaration) => ({ name, help, labelNames: [...labels], registers: [registry] });
  return {
    registry,
    contentType: registry.contentType,
    watchProcess: () => collectDefaultMetrics({ register: registry, prefix: 'vigil_' }),
    beforeExpose: (refresh) => {
      refreshes.push(refresh);
    },
    expose: () => {
      for (const refresh of refreshes) refresh();
      return registry.metrics();
    },
    counter: (declaration) => {
      assertName(declaration, true);
      const counter = once(declaration.name, () => new Counter(options(declaration)));
      return { add: (amount, labels = {}) => counter.inc(labels, amount) };
    },
    gauge: (declaration) => {
      assertName(declaration, false);
      const gauge = once(declaration.name, () => new Gauge(options(declaration)));
      return { set: (value, labels = {}) => gauge.set(labels, value), reset: () => gauge.reset() };
    },
    histogram: (declaration) => {
      assertName(declaration, false);
      const histogram = once(declaration.name, () => new Histogram({ ...options(declaration), buckets: [...declaration.buckets] }));
      return { observe: (value, labels = {}) => histogram.observe(labels, value) };
    },
  };
}
