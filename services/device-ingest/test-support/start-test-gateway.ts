import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock, type MemoryBroker, type SchemaRegistry } from '@vigil/kafka';
import { createClaimEncoder } from '../src/adapters/claim-encoder.ts';
import { createBatchingPublisher } from '../src/adapters/batching-publisher.ts';
import { serveGateway } from '../src/adapters/serve-gateway.ts';
import { createByteLane } from '../src/domain/byte-lane.ts';
import { createLoadLimit, type LoadLimit } from '../src/domain/load-limit.ts';
import { createAdmission, type Admission } from '../src/domain/admission.ts';
import { createGateway, type ReadLatest } from '../src/http/create-gateway.ts';
import type { GatewayObserver } from '../src/http/gateway-observer.ts';
import { exampleMs } from './messages.ts';

export const apiKey = 'a-key-for-the-gateway';
export const received = [topics.vitalsReadingReceived.name, topics.patientsRecordReceived.name, topics.claimReceived.name] as const;

type Told = Parameters<GatewayObserver['answered']>[0];

export interface TestGateway {
  readonly url: string;
  readonly broker: MemoryBroker;
  readonly admission: Admission;
  readonly claimAdmission: Admission;
  readonly load: LoadLimit;
  readonly answered: readonly Told[];
  readonly failures: readonly unknown[];
  /** What the next operations of the broker do; throwing makes them fail. */
  setHook(hook: (operation: string) => Promise<void>): void;
  post(path: string, body: string | Buffer | ReadableStream, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Keys and values on a topic, in order of partition and offset. */
  written(topic: string): readonly { readonly key: string; readonly value: string; readonly headers: Readonly<Record<string, string>> }[];
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: {
    readonly accepted?: number;
    readonly type?: string;
    readonly title?: string;
    readonly status?: number;
    readonly detail?: string;
    readonly errors?: readonly { readonly index: number; readonly field: string; readonly code: string; readonly message: string }[];
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, type: headers.get('content-type'), headers, body: (await response.json()) as Answer['body'] };
}

export interface TestGatewayOptions {
  readonly readLatest?: ReadLatest;
  /** Room for bodies; by default more than a test sends. */
  readonly bodyBytes?: number;
  readonly registry?: SchemaRegistry;
}

function registryWithClaims(): SchemaRegistry {
  const registry = createMemoryRegistry();
  registry.register(topics.claimReceived.schema);
  return registry;
}

/** The gateway itself on a free port, before a broker in memory. */
export async function startTestGateway({
  readLatest = async () => null,
  bodyBytes = 64 * 1024 * 1024,
  registry = registryWithClaims(),
}: TestGatewayOptions = {}): Promise<TestGateway> {
  const broker = createMemoryBroker({ clock: { now: () => exampleMs } });
  for (const topic of received) broker.createTopic(topic, 4);
  let hook: (operation: string) => Promise<void> = () => Promise.resolve();
  const client = broker.connect({ hook: (operation) => hook(operation) });
  const answered: Told[] = [];
  const failures: unknown[] = [];
  const rates = { highLagSeconds: 10, lowLagSeconds: 3, minRate: 1, maxRate: 1000, increasePerSecond: 100 };
  const [admission, claimAdmission] = [createAdmission(rates), createAdmission(rates)];
  const load = createLoadLimit({ targetMs: 250, minItems: 3, maxItems: 1000 });
  const publisher = createBatchingPublisher({
    openProducer: () => client.openIdempotentProducer(),
    partitionsOf: () => 4,
    clock: systemEngineClock,
    timeoutMs: 200,
    maxWaitingBytes: 1024 * 1024 * 64,
  });
  const app = createGateway({
    apiKey,
    readLatest,
    encodeClaim: createClaimEncoder(registry),
    publisher,
    admission,
    claimAdmission,
    load,
    bodies: { small: createByteLane({ maxBytes: bodyBytes, maxWaiting: 1 }), any: createByteLane({ maxBytes: bodyBytes, maxWaiting: 1 }) },
    longestWaitMs: 200,
    clock: { now: () => exampleMs + 1000 },
    steady: { now: () => exampleMs + 1000 },
    historicAfterMs: 900_000,
    limits: { heart_rate: { low: 40, high: 200 } },
    observer: { answered: (told) => void answered.push(told), failed: (_route, error) => void failures.push(error) },
  });
  const served = await serveGateway(app, { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${served.port}`;
  const authorised = { authorization: `Bearer ${apiKey}` };
  return {
    url,
    broker,
    admission,
    claimAdmission,
    load,
    answered,
    failures,
    setHook: (next) => void (hook = next),
    post: async (path, body, headers = {}) =>
      answerOf(
        await fetch(url + path, {
          method: 'POST',
          body,
          headers: { ...authorised, 'content-type': 'application/json', ...headers },
          duplex: 'half',
        }),
      ),
    get: async (path, headers = {}) => answerOf(await fetch(url + path, { headers: { ...authorised, ...headers } })),
    written: (topic) =>
      [0, 1, 2, 3].flatMap((partition) =>
        broker
          .log({ topic, partition })
          .read(0, Number.POSITIVE_INFINITY)
          .records.map((record) => ({
            key: String(record.key),
            value: String(record.value),
            headers: Object.fromEntries(record.headers().map(([name, value]) => [name, String(value)])),
          })),
      ),
    async close() {
      await served.close();
      await publisher.close();
    },
  };
}
