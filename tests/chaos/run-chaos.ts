import { createSeededRandom } from '@vigil/testing';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cluster } from '@vigil/stack';
import { root, runVigil, startFleet, vigil } from '../fleet/fleet.ts';
import type { ChaosOptions } from './chaos-arguments.ts';
import type { Ground } from './ground.ts';
import { faultOf, mixOf, type Fault } from './faults/index.ts';
import { reportText } from './report-text.ts';
import { runFault, type FaultReport } from './run-fault.ts';
import { openWorld, type World } from './world.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly machine: string;
  readonly node: string;
  readonly kafka: string;
  /** Load averages of 1, 5 and 15 minutes at the end: recovery times of a busy machine say little. */
  readonly load: readonly number[];
  readonly faults: readonly FaultReport[];
  readonly pass: boolean;
}

const mostErrorText = 1_000;

const machine = (): string => `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB`;

/** Of the jars that the local stack starts. */
const kafkaVersion = (): string =>
  /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(readFileSync(join(root, 'infra/stack/pom.xml'), 'utf8'))?.[1] ?? 'unknown';

/** What a fault that ended in an error leaves in the report: no figure of it counts. */
const unjudged = (fault: Fault, seed: number, error: unknown): FaultReport => ({
  fault: fault.id,
  title: fault.title,
  seed,
  records: 0,
  sent: 0,
  acked: 0,
  output: 0,
  dlq: 0,
  duplicate: 0,
  late: 0,
  suppressed: 0,
  lost: 0,
  duplicated: 0,
  phantom: 0,
  orderViolations: 0,
  alertsMissing: 0,
  alertsDoubled: 0,
  findings: [`not judged: ${String(error).slice(0, mostErrorText)}`],
  evidence: [],
  baselineLagSeconds: 0,
  recoverySeconds: null,
  pass: false,
});

/** One fault that went wrong must not cost the report of all others. */
async function tryFault(world: World, fault: Fault, options: ChaosOptions): Promise<FaultReport> {
  try {
    return await runFault(world, fault, options);
  } catch (error) {
    world.say(`${fault.id}: FAILED\n  ${String(error).slice(0, mostErrorText)}`);
    return unjudged(fault, options.seed, error);
  }
}

async function runMix(world: World, options: ChaosOptions): Promise<FaultReport[]> {
  const random = createSeededRandom(options.seed);
  const untilMs = performance.now() + options.minutes * 60_000;
  const reports: FaultReport[] = [];
  while (performance.now() < untilMs) {
    reports.push(await tryFault(world, mixOf(random), { ...options, seed: options.seed + reports.length, rounds: 1 }));
  }
  return reports;
}

async function runPlan(world: World, options: ChaosOptions): Promise<FaultReport[]> {
  if (options.plan === 'mix') return runMix(world, options);
  const reports: FaultReport[] = [];
  for (const id of options.plan) reports.push(await tryFault(world, faultOf(id), options));
  return reports;
}

function tell({ faults, pass }: ChaosReport): void {
  for (const { fault, sent, acked, lost, duplicated, phantom, orderViolations, alertsMissing, alertsDoubled, recoverySeconds } of faults) {
    const wrong = `lost ${lost}, doubled ${duplicated}, phantom ${phantom}, out of order ${orderViolations}`;
    console.log(
      `${fault}: sent ${sent}, acked ${acked}; ${wrong}; alerts missing ${alertsMissing}, doubled ${alertsDoubled}; recovery ${recoverySeconds ?? '> 240'} s`,
    );
  }
  const failed = faults.filter((fault) => !fault.pass).length;
  console.log(`${faults.length - failed} passed, ${failed} failed${pass ? '' : ': see above'}`);
}

/** Topics with a copy on each broker; the fleet finds them there. */
async function createCopiedTopics({ ids }: Cluster): Promise<void> {
  await vigil(['stack', 'up']);
  await vigil(['topics', 'apply', '--replication', String(ids.length)]);
}

/** Strikes a fleet that is started for it on `ground`, and stopped afterwards. */
export async function runChaos(home: string, options: ChaosOptions, ground: Ground): Promise<boolean> {
  try {
    if (ground.cluster) await createCopiedTopics(ground.cluster);
    await startFleet();
    const faults = await runPlan(
      openWorld(home, (line) => console.error(line), ground),
      options,
    );
    const pass = faults.length > 0 && faults.every((fault) => fault.pass);
    const report: ChaosReport = {
      seed: options.seed,
      machine: machine(),
      node: process.version,
      kafka: kafkaVersion(),
      load: loadavg().map(Math.round),
      faults,
      pass,
    };
    if (options.report) {
      mkdirSync(dirname(options.report), { recursive: true });
      writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
      writeFileSync(options.report.replace(/\.json$/, '') + '.md', reportText(report));
    }
    tell(report);
    return pass;
  } finally {
    await runVigil(['down']);
  }
}
