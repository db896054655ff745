import { topics } from '@vigil/contracts';
import { createRegistry, valueSubjectOf } from '@vigil/kafka';
import { fleetParts, selectParts, stackPaths } from '@vigil/stack';
import { join } from 'node:path';
import type { Round } from '../bench-report.ts';
import { openBenchHome, type BenchHome } from '../measure/bench-home.ts';
import { drainProgram, type TestedProgram } from '../measure/drain-program.ts';
import { buildPeer, peerProgram, storesOf, type BuiltPeer, type PeerName } from '../peers/peer-programs.ts';
import { peerReportOf, type PeerReport } from '../peers/peer-report.ts';
import { acceptedReadings, expectedWindows, flushWindowStart, type InputShape } from '../windows/accepted-readings.ts';
import { compareWindows, readingsIn, type WindowTable } from '../windows/compare-windows.ts';
import { readWindows } from '../windows/read-windows.ts';
import { preload } from './preload.ts';

const input = topics.vitalsReadingAccepted;
const output = topics.vitalsWindowClosed;
const ourName = 'vitals-windowing';

/** The service as it is deployed, but for the alert rules, which no peer has. */
export function ourProgram(home: BenchHome): TestedProgram {
  const [part] = fleetParts(selectParts([ourName]), home.paths);
  if (!part) throw new Error(`No part ${ourName}.`);
  const { program, args, env, cwd } = part;
  const logFile = join(home.paths.logs, 'bench.log');
  return { name: 'ours', program, args, cwd, group: ourName, logFile, env: { ...env, VIGIL_ALERT_RULES: 'false' } };
}

interface Ran {
  readonly round: Round;
  readonly windows: WindowTable;
}

interface Running {
  readonly home: BenchHome;
  readonly shape: InputShape;
  readonly schemaId: number;
}

async function run({ home, shape }: Running, program: TestedProgram, topic: string): Promise<Ran> {
  process.stderr.write(`running ${program.name}\n`);
  const round = await drainProgram(home, program, { topic: input.name, records: shape.records + shape.patients });
  const windows = await readWindows(home.client, { topic, before: flushWindowStart(shape), count: expectedWindows(shape) });
  const readings = readingsIn(windows, 'heart_rate');
  if (readings !== shape.records)
    throw new Error(`The windows of ${program.name} hold ${readings} of ${shape.records} readings: the figures would not count.`);
  return { round, windows };
}

async function runPeer(running: Running, peer: BuiltPeer, store: string): Promise<Ran> {
  const { home, shape, schemaId } = running;
  const topic = `peer.windows.${store}`;
  await home.client.admin.createTopics([
    { name: topic, partitions: shape.partitions, replicationFactor: 1, config: { 'retention.ms': '-1' } },
  ]);
  const program = peerProgram(peer, {
    store,
    brokers: home.env.kafkaBrokers,
    input: input.name,
    output: topic,
    schemaId,
    home: home.paths.home,
  });
  return run(running, program, topic);
}

/** @throws naming the first differences */
function requireEqual(ours: WindowTable, theirs: WindowTable, name: string): void {
  const { equal, differences } = compareWindows(ours, theirs);
  if (!equal) throw new Error(`Windows of ${name} differ from ours, the figures do not count: ${differences.join('; ')}.`);
}

interface RoundResult {
  readonly ours: Round;
  readonly peers: ReadonlyMap<string, Round>;
  readonly windows: number;
}

/** All programs on one broker, one topic and the same bytes, one after the other; who begins changes from round to round. */
async function comparedRound(peer: BuiltPeer, shape: InputShape, oursFirst: boolean): Promise<RoundResult> {
  const home = await openBenchHome({ name: `windowing-${peer.name}`, fleet: false });
  try {
    const registry = createRegistry({ url: home.env.schemaRegistryUrl });
    const inputId = await registry.idOf(valueSubjectOf(input.name), input.schema);
    const schemaId = await registry.idOf(valueSubjectOf(output.name), output.schema);
    await preload(home.client, acceptedReadings(shape, inputId));
    const running = { home, shape, schemaId };
    const before = oursFirst ? await run(running, ourProgram(home), output.name) : undefined;
    const theirs = new Map<string, Ran>();
    for (const store of storesOf[peer.name]) theirs.set(store, await runPeer(running, peer, store));
    const ours = before ?? (await run(running, ourProgram(home), output.name));
    for (const [store, { windows }] of theirs) requireEqual(ours.windows, windows, `${peer.name} (${store})`);
    return { ours: ours.round, peers: new Map([...theirs].map(([store, { round }]) => [store, round])), windows: ours.windows.size };
  } finally {
    await home.close();
  }
}

/** Windowing of the same input by vitals-windowing and by a peer; refuses to answer when their windows differ. */
export async function compareWindowing(peerName: PeerName, shape: InputShape, rounds: number): Promise<PeerReport> {
  const peer = await buildPeer(peerName, stackPaths());
  const results: RoundResult[] = [];
  for (let count = 0; count < rounds; count++) results.push(await comparedRound(peer, shape, count % 2 === 0));
  return peerReportOf('windowing', {
    ours: results.map(({ ours }) => ours),
    peerName,
    variants: storesOf[peerName].map((store) => ({ store, rounds: results.flatMap(({ peers }) => peers.get(store) ?? []) })),
    windows: results[0]?.windows ?? 0,
  });
}
