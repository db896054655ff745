import { changelogTopicOf, dlqTopicOf, retryTopicOf, type Topic } from '@vigil/contracts';
import {
  createMemoryBroker,
  createMemoryRegistry,
  createValueEncoder,
  topicsOfTopology,
  type MemoryBroker,
  type ProducedRecord,
} from '@vigil/kafka';
import { createSeededRandom } from '@vigil/testing';
import { checkInvariants, type Violation } from './check-invariants.ts';
import { startFleet, type FleetOfProcesses } from './fleet-of-processes.ts';
import { createNetwork, type Network } from './network.ts';
import { drawScenario, type PlannedRecord, type Scenario, type Trouble } from './scenario.ts';
import { createSimClock, type SimClock } from './sim-clock.ts';
import { sources, ward } from './ward-topology.ts';

export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Steps that the schedule took. */
  readonly steps: number;
}

/** One record as it was sent, with where the log took it. */
export interface SentRecord {
  readonly planned: PlannedRecord;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer;
}

/** What a schedule is played on, and all that is known of what went in. */
export interface SimWorld {
  readonly scenario: Scenario;
  readonly clock: SimClock;
  readonly broker: MemoryBroker;
  readonly network: Network;
  readonly fleet: FleetOfProcesses;
  readonly sent: SentRecord[];
  /** Letters put back, by the place of their origin. */
  readonly requeued: Map<string, number>;
}

export type Trace = (atMs: number, process: string, happening: string) => void;

const startMs = Date.UTC(2024, 2, 15, 10);
/** What is idle closes, time-outs end, and retries come to their end within it. */
const quietMs = 90_000;
const patienceMs = 240_000;
/** How long a marker may take when the weather is calm. */
const promptMs = 5;
const mostSteps = 400_000;

const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Everything that waits for nothing but the processor has run. */
async function runUntil(clock: SimClock, untilMs: number): Promise<number> {
  let steps = 0;
  await macrotask();
  while (clock.runNext(untilMs)) {
    await macrotask();
    if (++steps > mostSteps) throw new Error('the schedule does not come to an end');
  }
  return steps;
}

const keyOf = (patient: number): Buffer => Buffer.from(`patient-${patient}`);

function createSender(broker: MemoryBroker, scenario: Scenario, sent: SentRecord[], encode: (sample: object) => Buffer) {
  const plain = broker.connect().openIdempotentProducer();
  return async (planned: PlannedRecord): Promise<void> => {
    const producer = await plain;
    const { name } = sources[planned.source] as Topic;
    const partition = planned.patient % scenario.partitions;
    const offset = broker.log({ topic: name, partition }).highWatermark;
    const value = planned.sample ? encode(planned.sample) : Buffer.from(`no Avro ${offset}`);
    sent.push({ planned, topic: name, partition, offset, key: String(keyOf(planned.patient)), value });
    await producer.send([{ topic: name, partition, key: keyOf(planned.patient), value, headers: [], timestamp: null }]);
  };
}

const originPlace = (record: Pick<ProducedRecord, 'headers'>): string =>
  ['vigil-origin-topic', 'vigil-origin-partition', 'vigil-origin-offset']
    .map((name) => String(record.headers.find(([header]) => header === name)?.[1]))
    .join('/');

/** Puts every letter back that is new since the last time, as `vigil dlq requeue` does. */
async function requeueLetters({ broker, scenario, requeued }: SimWorld, read: Map<string, number>): Promise<void> {
  const producer = await broker.connect().openIdempotentProducer();
  for (const { name } of sources) {
    for (let partition = 0; partition < scenario.partitions; partition++) {
      const place = { topic: dlqTopicOf(name, ward.name), partition };
      const { records, nextOffset } = broker.log(place).read(read.get(`${name}/${partition}`) ?? 0, Number.POSITIVE_INFINITY);
      read.set(`${name}/${partition}`, nextOffset);
      for (const record of records) {
        const { key, value } = record;
        const letter = { topic: retryTopicOf(name, ward.name), partition, key, value, headers: record.headers(), timestamp: null };
        requeued.set(originPlace(letter), (requeued.get(originPlace(letter)) ?? 0) + 1);
        await producer.send([letter]);
      }
    }
  }
}

/** A group that never committed begins where the log begins: only for one that did can something be missing. */
async function deleteUnread({ broker }: SimWorld, partition: number): Promise<void> {
  const { admin } = broker.connect();
  for (const { name } of sources) {
    const began = (await admin.committed(ward.name, [name])).find((position) => position.partition === partition);
    const log = broker.log({ topic: name, partition });
    if (began && began.offset !== null) log.deleteBefore(log.highWatermark);
  }
}

function strike(world: SimWorld, trouble: Trouble, read: Map<string, number>, registry: { setAway(away: boolean): void }): void {
  const { broker, clock, fleet, network, scenario } = world;
  const forAWhile = (begin: () => void, end: () => void, forMs: number): void => {
    begin();
    clock.after(forMs, end);
  };
  switch (trouble.kind) {
    case 'crash':
      return fleet.crash(trouble.process, trouble.forMs);
    case 'pause': {
      const life = fleet.lifeOf(trouble.process);
      return forAWhile(life.pause, life.wake, trouble.forMs);
    }
    case 'partition': {
      const life = fleet.lifeOf(trouble.process);
      return forAWhile(life.cutOff, life.reconnect, trouble.forMs);
    }
    case 'redeploy':
      return fleet.redeploy(trouble.process, trouble.forMs);
    case 'broker-away':
      return forAWhile(
        () => network.setBrokerAway(true),
        () => network.setBrokerAway(false),
        trouble.forMs,
      );
    case 'registry-away':
      return forAWhile(
        () => registry.setAway(true),
        () => registry.setAway(false),
        trouble.forMs,
      );
    case 'expel':
      return fleet.expel(trouble.process);
    case 'requeue':
      return void requeueLetters(world, read);
    case 'compact':
      for (let partition = 0; partition < scenario.partitions; partition++)
        broker.log({ topic: changelogTopicOf(ward.name, 'patients'), partition }).compact();
      return;
    case 'retention':
      return void deleteUnread(world, trouble.partition);
  }
}

async function openWorld(seed: number, trace: Trace): Promise<{ world: SimWorld; start: () => void }> {
  const scenario = drawScenario(seed, startMs);
  const clock = createSimClock(startMs);
  const random = createSeededRandom(Math.imul(seed, 0x85ebca6b) ^ 0xcafe);
  const broker = createMemoryBroker({
    clock,
    maxRecordsPerBatch: scenario.recordsPerFetch,
    markerDelayMs: () => random.next() * (clock.now() < startMs + scenario.activeMs ? scenario.weather.markersMs : promptMs),
  });
  const registry = createMemoryRegistry();
  const tell = (process: string, happening: string): void => trace(clock.now() - startMs, process, happening);
  for (const topic of new Set(topicsOfTopology(ward))) broker.createTopic(topic, scenario.partitions);
  const schemaId = registry.register(sources[0].schema);
  const network = createNetwork({ clock, random, weather: scenario.weather, trace: tell });
  const fleet = startFleet({ scenario, clock, broker, registry, network, random, trace: tell });
  const world: SimWorld = { scenario, clock, broker, network, fleet, sent: [], requeued: new Map() };
  const send = createSender(broker, scenario, world.sent, createValueEncoder(sources[0].schema, schemaId));
  const read = new Map<string, number>();
  const start = (): void => {
    for (const planned of scenario.records) clock.after(planned.atMs, () => void send(planned));
    for (const trouble of scenario.troubles)
      clock.after(trouble.atMs, () => {
        tell('world', JSON.stringify(trouble));
        strike(world, trouble, read, registry);
      });
  };
  return { world, start };
}

/** Plays the schedule of one seed and holds what came of it against what must have come of it. */
export async function simulateSeed(seed: number, trace: Trace = () => undefined): Promise<SeedResult> {
  const { world, start } = await openWorld(seed, trace);
  const { clock, network, scenario } = world;
  start();
  let steps = await runUntil(clock, startMs + scenario.activeMs);
  network.calmDown();
  let violations: readonly Violation[] = [];
  for (let untilMs = quietMs; untilMs <= patienceMs; untilMs += quietMs / 3) {
    steps += await runUntil(clock, startMs + scenario.activeMs + untilMs);
    violations = await checkInvariants(world);
    if (!violations.some(({ invariant }) => invariant === 'drained')) break;
  }
  return { seed, violations, steps };
}
