import { compileWriter, createWireEncoder, topics, type Topic } from '@vigil/contracts';
import { createRegistry, valueSubjectOf, type ProducedRecord, type SchemaRegistry } from '@vigil/kafka';
import { repositoryRoot } from '@vigil/stack';
import { join } from 'node:path';
import { reportOf, reportText, type BenchReport, type Round } from '../bench-report.ts';
import { checkClaimsLedger } from '../claims/check-claims-ledger.ts';
import { benchClaimsParse } from '../claims/parse-bench.ts';
import { memberRecords } from '../claims/claim-members.ts';
import { referenceRecords } from '../claims/claim-reference.ts';
import { correctionsIn, submittedClaims, type ClaimsLoad } from '../claims/submitted-claims.ts';
import { openBenchHome, type BenchHome } from '../measure/bench-home.ts';
import { drainProgram, runProgram, type TestedProgram } from '../measure/drain-program.ts';
import { readLedger } from '../measure/read-ledger.ts';
import { preload } from './preload.ts';

const group = 'claims-validator-adjudicate';
/** Members of the second measurement are so many times those of the first. */
const growth = 10;
export const claimPartitions = 4;

/** The stage by itself, as the service runs it. */
const programOf = ({ env, paths }: BenchHome): TestedProgram => ({
  name: group,
  program: process.execPath,
  args: [join(repositoryRoot, 'services/claims-validator/test-support/adjudicate-program.ts')],
  env: {
    PATH: process.env['PATH'] ?? '',
    VIGIL_KAFKA_BROKERS: env.kafkaBrokers,
    VIGIL_SCHEMA_REGISTRY_URL: env.schemaRegistryUrl,
  },
  cwd: repositoryRoot,
  group,
  logFile: join(paths.logs, 'bench.log'),
});

const schemaIdOf = (registry: SchemaRegistry, { name, schema }: Topic): Promise<number> => registry.idOf(valueSubjectOf(name), schema);

async function tableRecords(registry: SchemaRegistry): Promise<ProducedRecord[]> {
  const encode = createWireEncoder();
  const records: ProducedRecord[] = [];
  for (const { topic, key, value } of referenceRecords())
    records.push({
      topic: topic.name,
      partition: 0,
      key: Buffer.from(key),
      value: encode(await schemaIdOf(registry, topic), compileWriter<object>(topic.schema), value),
      headers: [],
      timestamp: null,
    });
  return records;
}

/** The members are taken in, and their state is in the changelog, before a claim is there. */
async function enrol(home: BenchHome, registry: SchemaRegistry, load: ClaimsLoad): Promise<void> {
  await preload(home.client, await tableRecords(registry));
  const records = await preload(home.client, memberRecords(load, await schemaIdOf(registry, topics.memberChanged)));
  const running = runProgram(home, programOf(home));
  try {
    if (!(await running.reach({ topic: topics.memberChanged.name, records })))
      throw new Error(`${group} did not take in ${records} members; see ${running.program.logFile}.`);
  } finally {
    await running.stop('SIGTERM');
  }
}

/**
 * A fresh process restores its members from the changelog and drains claims of three lines; its counts and the balance of its
 * ledger are checked before the figure counts.
 *
 * @throws when anything was lost, repeated, or not decided as it should be
 */
async function benchClaims(load: ClaimsLoad): Promise<Round> {
  const home = await openBenchHome({ name: 'claims', fleet: false, partitions: load.partitions });
  try {
    const registry = createRegistry({ url: home.env.schemaRegistryUrl });
    await enrol(home, registry, load);
    const claims = submittedClaims(load, await schemaIdOf(registry, topics.claimSubmitted), Date.now());
    const records = await preload(home.client, claims);
    const round = await drainProgram(home, programOf(home), { topic: topics.claimSubmitted.name, records });
    checkClaimsLedger(await readLedger(home.client, group), { claims: records, corrections: correctionsIn(load) });
    return round;
  } finally {
    await home.close();
  }
}

export interface ClaimsShape {
  readonly claims: number;
  readonly members: number;
  readonly rounds: number;
  /** Whether it is measured with ten times the members, too. */
  readonly growth: 'measured' | 'left-out';
}

export interface ClaimsReport extends BenchReport {
  readonly members: number;
  /** An 837P split and read, MB (10^6 bytes) a second of one core. */
  readonly parse: { readonly megabytesPerSecond: number };
  /** CPU of a claim with ten times the members ÷ that of the first measurement. */
  readonly growth?: {
    readonly members: number;
    readonly throughput: number;
    readonly cpuSecondsPerMillion: number;
    readonly ratio: number;
  };
}

async function roundsOf(load: ClaimsLoad, rounds: number): Promise<BenchReport> {
  const measured: Round[] = [];
  for (let count = 0; count < rounds; count++) measured.push(await benchClaims(load));
  return reportOf('claims', measured);
}

/** How fast one core reads an 837P, adjudicates claims exactly once, and how the cost grows with the members. */
export async function measureClaims({ claims, members, rounds, growth: grown }: ClaimsShape): Promise<ClaimsReport> {
  const load = { claims, members, partitions: claimPartitions };
  const { megabytesPerSecond } = await benchClaimsParse();
  const parse = { megabytesPerSecond: Number(megabytesPerSecond.toFixed(1)) };
  const report = { ...(await roundsOf(load, rounds)), parse };
  if (grown === 'left-out') return { ...report, members };
  const more = members * growth;
  const { throughput, cpuSecondsPerMillion } = await roundsOf({ ...load, members: more }, rounds);
  const ratio = Number((cpuSecondsPerMillion / report.cpuSecondsPerMillion).toFixed(3));
  return { ...report, members, growth: { members: more, throughput, cpuSecondsPerMillion, ratio } };
}

export function claimsText(report: ClaimsReport): string {
  const { members, growth: grown, parse } = report;
  const text = [
    reportText(report),
    `  ${members} members, three lines a claim; an 837P is split and read at ${parse.megabytesPerSecond} MB/s a core`,
  ];
  if (grown)
    text.push(
      `  with ${grown.members} members: ${grown.throughput} claims/s, ${grown.cpuSecondsPerMillion} CPU s/million, ${grown.ratio} × the cost`,
    );
  return text.join('\n');
}
