/**
 * `npm run bench -- ingest|windowing|claims|warehouse|files|workflows|batch|alerts|overload|floors [--records N] [--rounds N] [--rate N] [--seconds N] [--report FILE]`
 *
 * With `--peer kafka-streams|flink` windowing is measured beside that program, on the same input, windows compared value by
 * value: throughput, restart with `--restart-keys` keys of state, latency at `--rate` readings a second, growth of the cost;
 * `--only throughput,latency` takes some of it. `ingest --peer kafka-streams` is measured so, too.
 * `claims` takes `--members N` and, with `--growth`, measures ten times as many, too.
 * `workflows` measures runs, schedules and a dead worker; `--peer airflow|graphile-worker` beside that program.
 * `files` takes `--files N`, each of 20 claims, from a folder and from SFTP.
 * `batch [--peer spring-batch]` loads a CSV into a table; tables are compared after every round.
 * Every round runs on a stack of its own. Exit code 2 for a call that is not as documented, 1 when a floor is not met.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { peerNames, type PeerName } from '../load-tests/peers/peer-programs.ts';
import { circumstances, reportOf, reportText, type Round } from '../load-tests/bench-report.ts';
import { overloadPlot, overloadReport, overloadText } from '../load-tests/overload-report.ts';
import { batchReportOf, batchText, meetsBatchBars } from '../load-tests/batch/batch-report.ts';
import { measureBatch } from '../load-tests/scenarios/batch-against-peer.ts';
import { benchAlerts } from '../load-tests/scenarios/alerts.ts';
import { claimsText, measureClaims } from '../load-tests/scenarios/claims.ts';
import { filesText, measureFiles } from '../load-tests/scenarios/files.ts';
import { floorsText, measureFloors } from '../load-tests/scenarios/floors.ts';
import { benchIngest } from '../load-tests/scenarios/ingest.ts';
import { compareIngest } from '../load-tests/scenarios/ingest-against-peer.ts';
import { peerReportText } from '../load-tests/peers/peer-report.ts';
import { compareWindowing, windowingParts, type WindowingPart } from '../load-tests/scenarios/windowing-against-peer.ts';
import { measureWorkflows, workflowPeers, workflowsText } from '../load-tests/scenarios/workflows.ts';
import { windowingReportOf } from '../load-tests/windowing/windowing-report.ts';
import { windowingText } from '../load-tests/windowing/windowing-text.ts';
import { benchOverload } from '../load-tests/scenarios/overload.ts';
import { benchWarehouse, warehouseText } from '../load-tests/scenarios/warehouse.ts';
import { benchWindowing } from '../load-tests/scenarios/windowing.ts';

const usage =
  'Usage: npm run bench -- ingest|windowing|claims|warehouse|files|workflows|batch|alerts|overload|floors [--peer kafka-streams|flink|spring-batch [--only throughput,restart,latency,growth] [--restart-keys N]] [--patients N] [--members N] [--files N] [--growth] [--records N] [--rounds N] [--rate N] [--seconds N] [--report FILE]';

/** A peer needs two million records to be warm, and five rounds to be told of. */
const usual = { alone: { records: '1000000', rounds: '3' }, besidePeer: { records: '2000000', rounds: '5' } } as const;

function partsOf(only: string | undefined): readonly WindowingPart[] {
  if (only === undefined) return windowingParts;
  return only.split(',').map((name) => {
    const part = windowingParts.find((known) => known === name);
    if (!part) throw new Error(`--only takes ${windowingParts.join(', ')}, separated by commas.`);
    return part;
  });
}

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        records: { type: 'string' },
        rounds: { type: 'string' },
        only: { type: 'string' },
        'restart-keys': { type: 'string', default: '1000000' },
        rate: { type: 'string', default: '10000' },
        seconds: { type: 'string', default: '60' },
        patients: { type: 'string', default: '2000' },
        members: { type: 'string', default: '100000' },
        files: { type: 'string', default: '1000' },
        growth: { type: 'boolean', default: false },
        peer: { type: 'string' },
        report: { type: 'string' },
      },
    });
    const { records, rounds } = { ...usual[values.peer === undefined ? 'alone' : 'besidePeer'], ...values };
    const numbers = [
      records,
      rounds,
      values.rate,
      values.seconds,
      values.patients,
      values['restart-keys'],
      values.members,
      values.files,
    ].map(Number);
    if (!numbers.every((value) => Number.isInteger(value) && value > 0))
      throw new Error(
        '--records, --rounds, --rate, --seconds, --patients, --restart-keys, --members and --files take whole numbers above 0.',
      );
    const peer = peerNames.find((known) => known === values.peer);
    const peersOf: Readonly<Record<string, readonly PeerName[]>> = { windowing: peerNames, ingest: ['kafka-streams'] };
    const workflowPeer = positionals[0] === 'workflows' ? workflowPeers.find((known) => known === values.peer) : undefined;
    const isBatchPeer = positionals[0] === 'batch' && values.peer === 'spring-batch';
    if (
      values.peer !== undefined &&
      !isBatchPeer &&
      workflowPeer === undefined &&
      (peer === undefined || !peersOf[positionals[0] ?? '']?.includes(peer))
    )
      throw new Error(
        `--peer is for windowing and takes ${peerNames.join(' or ')}, for ingest, where it takes kafka-streams, for batch, where it takes spring-batch, and for workflows, where it takes ${workflowPeers.join(' or ')}.`,
      );
    const [recordCount, roundCount, rate, seconds, patients, restartKeys, members, files] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const parts = partsOf(values.only);
    return {
      name: positionals[0],
      records: recordCount,
      rounds: roundCount,
      rate,
      seconds,
      patients,
      restartKeys,
      members,
      files,
      growth: values.growth,
      parts,
      peer,
      workflowPeer,
      batchPeer: isBatchPeer ? ('spring-batch' as const) : undefined,
      report: values.report,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const {
  name,
  records,
  rounds,
  rate,
  seconds,
  patients,
  restartKeys,
  members,
  files,
  growth,
  parts,
  peer,
  batchPeer,
  workflowPeer,
  report,
} = parse();

async function measure(round: () => Promise<Round>): Promise<void> {
  const measured: Round[] = [];
  for (let count = 0; count < rounds; count++) measured.push(await round());
  const document = reportOf(name ?? '', measured);
  console.log(reportText(document));
  if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
}

async function measureBeside(peerName: PeerName): Promise<void> {
  const measured = await compareWindowing(peerName, { parts, records, rounds, patients, restartKeys, rate, seconds });
  const document = windowingReportOf(measured);
  console.log(windowingText(measured, document));
  if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
}

switch (name) {
  case 'ingest':
    if (peer) {
      const document = await compareIngest({ records, patients }, rounds);
      const { throughput, ratioThroughput } = document.withoutDedupe;
      console.log(`${reportText(document)}\n${peerReportText(document)}`);
      console.log(`  the peer without dedupe: ${Math.round(throughput)} records/s, ours ÷ it ${ratioThroughput}`);
      if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
    } else await measure(() => benchIngest(records));
    break;
  case 'windowing':
    if (peer) await measureBeside(peer);
    else await measure(() => benchWindowing(records));
    break;
  case 'claims': {
    const document = await measureClaims({ claims: records, members, rounds, growth: growth ? 'measured' : 'left-out' });
    console.log(claimsText(document));
    if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
    break;
  }
  case 'warehouse': {
    const document = await benchWarehouse(records, rounds);
    console.log(`${reportText(document)}\n${warehouseText(document)}`);
    if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
    break;
  }
  case 'files': {
    const document = await measureFiles(files, rounds);
    console.log(filesText(document));
    if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
    if (!document.met) process.exitCode = 1;
    break;
  }
  case 'workflows': {
    const document = await measureWorkflows(rounds, workflowPeer);
    console.log(workflowsText(document));
    if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
    if (document.bars.some(({ met }) => !met)) process.exitCode = 1;
    break;
  }
  case 'batch': {
    const document = batchReportOf(await measureBatch(records, rounds, batchPeer));
    console.log(`${reportText(document)}\n${batchText(document)}`);
    if (report) writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
    if (!meetsBatchBars(document)) process.exitCode = 1;
    break;
  }
  case 'alerts':
    await measure(() => benchAlerts({ messagesPerSecond: rate, seconds, deteriorating: 40 }));
    break;
  case 'overload': {
    const measured = await benchOverload(seconds);
    const document = overloadReport(measured);
    console.log(overloadText(document));
    if (report) {
      writeFileSync(report, `${JSON.stringify(document, null, 2)}\n`);
      writeFileSync(report.replace(/(\.json)?$/, '.svg'), overloadPlot(measured));
    }
    if (document.lostAcknowledged > 0 || !document.balanced) process.exitCode = 1;
    break;
  }
  case 'floors': {
    const floors = await measureFloors(records);
    console.log(floorsText(floors));
    if (report) writeFileSync(report, `${JSON.stringify({ name, ...circumstances(), records, floors }, null, 2)}\n`);
    if (floors.some(({ met }) => !met)) process.exitCode = 1;
    break;
  }
  default:
    console.error(usage);
    process.exit(2);
}
