import { topics } from '@vigil/contracts';
import { createRegistry, valueSubjectOf, type ProducedRecord } from '@vigil/kafka';
import { fleetParts, selectParts } from '@vigil/stack';
import { join } from 'node:path';
import { openBenchHome, type BenchHome } from '../measure/bench-home.ts';
import type { TestedProgram } from '../measure/drain-program.ts';
import { peerProgram, type BuiltPeer, type PeerName } from '../peers/peer-programs.ts';
import { preload } from '../scenarios/preload.ts';
import { cachedInput } from '../windows/cached-input.ts';

export const input = topics.vitalsReadingAccepted;
const output = topics.vitalsWindowClosed;
const ourName = 'vitals-windowing';

/** A stack for one measurement, and what the programs must know of its registry. */
export interface Place {
  readonly home: BenchHome;
  readonly partitions: number;
  /** Schema id of the readings. */
  readonly inputId: number;
  /** Schema id of the windows. */
  readonly outputId: number;
}

export async function openPlace(name: string, partitions: number): Promise<Place> {
  const home = await openBenchHome({ name, fleet: false, partitions });
  const registry = createRegistry({ url: home.env.schemaRegistryUrl });
  const inputId = await registry.idOf(valueSubjectOf(input.name), input.schema);
  const outputId = await registry.idOf(valueSubjectOf(output.name), output.schema);
  return { home, partitions, inputId, outputId };
}

/** The same bytes in every round; answers how many records Kafka acknowledged. */
export const loadInput = ({ home }: Place, name: readonly unknown[], make: () => Iterable<ProducedRecord>): Promise<number> =>
  preload(home.client, cachedInput({ name: JSON.stringify(name), make }));

/** One of the programs that are compared, and how to start it in a place, before and after a crash. */
export interface Contender {
  readonly name: string;
  /** The event time at which a window is final: its end, the grace, and what the engine adds. */
  readonly finalAfterMs: number;
  /** Whose readings push the clock on that closes a window. */
  readonly clock: 'patient' | 'partition' | 'all-partitions';
  readonly outputTopic: string;
  /** Creates what the program needs and nobody else has. */
  prepare(place: Place): Promise<TestedProgram>;
  /** The program anew, after a crash that also took its local disk. */
  revive(place: Place): TestedProgram;
}

const graceMs = 60_000;
const outOfOrdernessMs = 10_000;

/** The service as it is deployed, but for the alert rules, which no peer has. */
function ourProgram({ home }: Place): TestedProgram {
  const [part] = fleetParts(selectParts([ourName]), home.paths);
  if (!part) throw new Error(`No part ${ourName}.`);
  const { program, args, env, cwd } = part;
  const logFile = join(home.paths.logs, 'bench.log');
  return { name: 'ours', program, args, cwd, group: ourName, logFile, env: { ...env, VIGIL_ALERT_RULES: 'false' } };
}

export const ours: Contender = {
  name: 'ours',
  finalAfterMs: graceMs + outOfOrdernessMs,
  clock: 'patient',
  outputTopic: output.name,
  prepare: (place) => Promise.resolve(ourProgram(place)),
  revive: ourProgram,
};

/** What a peer gets of heap: enough for its state, as a Java program without a limit would take it. */
const heapFor = (peer: PeerName, patients: number): string => (patients > 100_000 ? '6g' : peer === 'flink' ? '1536m' : '1g');

export function peerContender(peer: BuiltPeer, store: string, patients: number): Contender {
  const outputTopic = `peer.windows.${store}`;
  const program = ({ home, outputId }: Place, afterCrash: boolean): TestedProgram =>
    peerProgram(peer, {
      store,
      brokers: home.env.kafkaBrokers,
      input: input.name,
      output: outputTopic,
      schemaId: outputId,
      home: home.paths.home,
      heap: heapFor(peer.name, patients),
      afterCrash,
    });
  return {
    name: `${peer.name} (${store})`,
    finalAfterMs: graceMs,
    clock: peer.name === 'flink' ? 'all-partitions' : 'partition',
    outputTopic,
    async prepare(place) {
      const { home, partitions } = place;
      await home.client.admin.createTopics([{ name: outputTopic, partitions, replicationFactor: 1, config: { 'retention.ms': '-1' } }]);
      return program(place, false);
    },
    revive: (place) => program(place, true),
  };
}
