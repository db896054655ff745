import { topics } from '@vigil/contracts';
import { createRegistry, valueSubjectOf } from '@vigil/kafka';
import { fleetParts, selectParts, stackPaths } from '@vigil/stack';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Round } from '../bench-report.ts';
import { differencesBesideRepeats, outcomeDifferences } from '../ingest/compare-outcomes.ts';
import { deviceMessages } from '../ingest/device-messages.ts';
import { readOutcomes, type IngestOutputs, type OutcomeTable } from '../ingest/read-accepted.ts';
import { openBenchHome, type BenchHome } from '../measure/bench-home.ts';
import { drainProgram, type TestedProgram } from '../measure/drain-program.ts';
import { readLedger } from '../measure/read-ledger.ts';
import { buildPeer, javaProgram, type BuiltPeer } from '../peers/peer-programs.ts';
import { peerReportOf, type PeerReport } from '../peers/peer-report.ts';
import { cachedInput } from '../windows/cached-input.ts';
import { preload } from './preload.ts';

const input = topics.vitalsReadingReceived;
const output = topics.vitalsReadingAccepted;
const ourName = 'device-ingest';
const partitions = 4;
/** The same on every day; old enough for every reading to be historic, on both sides. */
const startMs = Date.UTC(2026, 0, 1);

/** How the peer keeps what it saw: in memory, in RocksDB, or not at all, which is less work than ours. */
const stores = ['memory', 'rocksdb', 'none'] as const;
type Store = (typeof stores)[number];

interface Ran {
  readonly round: Round;
  readonly outcomes: OutcomeTable;
}

function ourProgram({ paths }: BenchHome): TestedProgram {
  const [part] = fleetParts(selectParts([ourName]), paths);
  if (!part) throw new Error(`No part ${ourName}.`);
  const { program, args, env, cwd } = part;
  return { name: 'ours', program, args, cwd, env, group: ourName, logFile: join(paths.logs, 'bench.log') };
}

/** The key of this stack alone, in a file that only its owner reads: tokens of both sides must be equal. */
function secretOf({ paths, env }: BenchHome): { readonly key: string; readonly secret: string } {
  const { token } = JSON.parse(readFileSync(env.keysFile, 'utf8')) as { token: { id: string; secret: string } };
  const secret = join(paths.home, 'peer-token-secret');
  writeFileSync(secret, token.secret, { mode: 0o600 });
  return { key: token.id, secret };
}

async function run(home: BenchHome, program: TestedProgram, records: number, outputs: IngestOutputs): Promise<Ran> {
  process.stderr.write(`ingest: ${program.name}\n`);
  const round = await drainProgram(home, program, { topic: input.name, records });
  return { round, outcomes: await readOutcomes(home.client, outputs) };
}

const runOurs = (home: BenchHome, records: number): Promise<Ran> =>
  run(home, ourProgram(home), records, { accepted: output.name, quarantine: `${input.name}.${ourName}.dlq` });

async function runPeer(home: BenchHome, peer: BuiltPeer, store: Store, records: number): Promise<Ran> {
  const outputs = { accepted: `peer.accepted.${store}`, quarantine: `peer.quarantine.${store}` };
  const config = { 'retention.ms': '-1' };
  await home.client.admin.createTopics(Object.values(outputs).map((name) => ({ name, partitions, replicationFactor: 1, config })));
  const schema = String(await createRegistry({ url: home.env.schemaRegistryUrl }).idOf(valueSubjectOf(output.name), output.schema));
  const places = { input: input.name, output: outputs.accepted, quarantine: outputs.quarantine };
  const options = { brokers: home.env.kafkaBrokers, ...places, ...secretOf(home), store, schema };
  const group = `peer-ingest-${store}`;
  const program = javaProgram(peer, { mainClass: 'vigil.peers.IngestOnStreams', group, home: home.paths.home, heap: '2g', options });
  return run(home, program, records, outputs);
}

async function repeatsOf(home: BenchHome): Promise<number> {
  return (await readLedger(home.client, ourName)).reduce((sum, { duplicate }) => sum + duplicate, 0);
}

function requireEqual(store: Store, ours: Ran, theirs: Ran, repeats: number): void {
  const differences =
    store === 'none'
      ? differencesBesideRepeats(ours.outcomes, theirs.outcomes, repeats)
      : outcomeDifferences(ours.outcomes, theirs.outcomes);
  if (differences.length > 0) throw new Error(`Outputs of the peer (${store}) differ from ours: ${differences.join('; ')}.`);
}

interface RoundResult {
  readonly ours: Round;
  readonly peers: readonly Round[];
  readonly compared: number;
}

async function comparedRound(peer: BuiltPeer, { records, patients }: IngestShape, oursFirst: boolean): Promise<RoundResult> {
  const home = await openBenchHome({ name: 'ingest-peer', fleet: false });
  try {
    const shape = { records, patients, partitions, startMs };
    const sources = [join(import.meta.dirname, '..', 'ingest', 'device-messages.ts')];
    const name = JSON.stringify(['device messages', shape]);
    await preload(home.client, cachedInput({ name, make: () => deviceMessages(shape), topic: input.name, sources }));
    const before = oursFirst ? await runOurs(home, records) : undefined;
    const theirs: Ran[] = [];
    for (const store of stores) theirs.push(await runPeer(home, peer, store, records));
    const ours = before ?? (await runOurs(home, records));
    const repeats = await repeatsOf(home);
    for (const [index, store] of stores.entries()) requireEqual(store, ours, theirs[index] as Ran, repeats);
    return { ours: ours.round, peers: theirs.map(({ round }) => round), compared: ours.outcomes.size };
  } finally {
    await home.close();
  }
}

export interface IngestShape {
  readonly records: number;
  readonly patients: number;
}

export interface IngestPeerReport extends PeerReport {
  /** The peer without dedupe: less work than ours, and so in no ratio but this one. */
  readonly withoutDedupe: { readonly throughput: number; readonly cpuSecondsPerMillion: number; readonly ratioThroughput: number };
}

/** The same validation and mapping 1:1 by device-ingest and by Kafka Streams; refuses to answer when one record differs. */
export async function compareIngest(shape: IngestShape, rounds: number): Promise<IngestPeerReport> {
  const peer = await buildPeer('kafka-streams', stackPaths());
  const results: RoundResult[] = [];
  for (let count = 0; count < rounds; count++) results.push(await comparedRound(peer, shape, count % 2 === 0));
  const ours = results.map((result) => result.ours);
  const variants = stores.map((store, index) => ({ store, rounds: results.map((result) => result.peers[index] as Round) }));
  const measured = { ours, peerName: 'kafka-streams', windows: results[0]?.compared ?? 0 };
  const report = peerReportOf('ingest', { ...measured, variants: variants.filter(({ store }) => store !== 'none') });
  const { peer: bare } = peerReportOf('ingest', { ...measured, variants: variants.filter(({ store }) => store === 'none') });
  const ratioThroughput = Number((report.throughput / bare.throughput).toFixed(3));
  return { ...report, withoutDedupe: { throughput: bare.throughput, cpuSecondsPerMillion: bare.cpuSecondsPerMillion, ratioThroughput } };
}
