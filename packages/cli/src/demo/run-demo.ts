import type { Clock } from '@vigil/core';
import type { KafkaClient } from '@vigil/kafka';
import { sourceFolders, stackPaths, type StackEnv } from '@vigil/stack';
import { createWard } from '@vigil/testing';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@vigil/contracts';
import type { CallVigil } from './call-vigil.ts';
import { claimFailuresOf, claimsEvidence, type ClaimsEvidence } from './claims-evidence.ts';
import { inboxOf, loadReferenceData, sendInterchanges, type SentInbox } from './play-claims.ts';
import { playWorkflows, workflowFailuresOf, type PlayedWorkflows } from './play-workflows.ts';
import { createCohort, dropFiles, recordOutcomes } from './research-cohort.ts';
import { countsOf, grownBy, type LedgerDocument } from './demo-counts.ts';
import type { DemoOptions } from './demo-options.ts';
import { failuresOf, reportOf, requireBalance, type DemoReport, type FactCounts } from './demo-report.ts';
import { alertLatencies, askWarehouse, awaitPage, factCounts, type AcceptedPage, type QueryAnswer } from './evidence.ts';
import { playWard, uploadHistory } from './play-ward.ts';
import { readStays } from './read-stays.ts';
import { watchFleet } from './show-live.ts';
import { createWardPublisher } from './ward-publisher.ts';

export interface DemoDeps {
  readonly call: CallVigil;
  readonly connect: (env: StackEnv) => KafkaClient;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** Redraws on a terminal; elsewhere a plain line. */
  readonly live: (line: string) => void;
}

export interface Quarantine {
  readonly queues: readonly { readonly topic: string; readonly count: number; readonly codes: Readonly<Record<string, number>> }[];
}

export interface DemoOutcome {
  readonly report: DemoReport;
  readonly failures: readonly string[];
  readonly page: AcceptedPage | undefined;
  readonly answers: readonly QueryAnswer[];
  readonly quarantine: Quarantine;
  readonly ledger: LedgerDocument;
  readonly claims: ClaimsEvidence;
  /** Runs with their tasks. */
  readonly runs: string;
}

interface Work {
  readonly sent: SentInbox;
  readonly workflows: PlayedWorkflows;
}

/** Lines that would tear the live one apart: they are told behind it. */
function createLater(): { readonly lines: readonly string[]; readonly say: (line: string) => void } {
  const lines: string[] = [];
  return { lines, say: (line) => void lines.push(line) };
}

/** Files are put down while the ward is live. */
const inboxAtSecond = 3;
const drainSeconds = '60';
const pageWaitMs = 20_000;

/** The ward, from the monitors to the balance, on a running fleet. */
export async function runDemo(options: DemoOptions, env: StackEnv, { call, connect, clock, say, live }: DemoDeps): Promise<DemoOutcome> {
  const before = { ledger: await call<LedgerDocument>(['ledger', '--wait', drainSeconds]), facts: await factCounts(env.warehouseUrl) };
  requireBalance(before.ledger);
  const startedMs = clock.now();
  const stays = readStays(options.physionet2019, startedMs);
  const name = startedMs.toString(36).toUpperCase();
  const ward = createWard({ seed: options.seed, patients: options.rate, name, stays });
  if (stays.length > 0) say(`the monitors show ${stays.length} recorded stays, an hour of each a second`);
  await loadReferenceData(call);
  say('members, plans, prices and edits of infra/reference are loaded: illustrative, not real');
  const client = connect(env);
  const inbox = inboxOf(name, startedMs);
  const cohort = createCohort(name, startedMs);
  const files = inbox.dropped.length + 1;
  const startWork = async (): Promise<Work> => {
    const folders = sourceFolders(stackPaths());
    dropFiles(folders.claims, inbox.dropped);
    dropFiles(folders.ehr, [cohort.visits]);
    const sinceMs = clock.now();
    const [sent, workflows] = await Promise.all([
      sendInterchanges(call, name, inbox.interchanges),
      playWorkflows({ call, clock, sleep, say: later.say, claimFiles: inbox.dropped.length, sinceMs }),
    ]);
    return { sent, workflows };
  };
  const later = createLater();
  let work: Promise<Work> | undefined;
  const publisher = createWardPublisher(await client.openIdempotentProducer(), await partitionsOf(client));
  try {
    await publisher.patients([...ward.registry, ...cohort.patients]);
    await recordOutcomes(env.researchDatabaseUrl, cohort.outcomes);
    say(`${ward.patientIds.length} patients registered, one monitor each`);
    say(`${await uploadHistory({ ward, publisher, clock })} buffered readings of the last 12 minutes uploaded`);
    say(`the ward is live for ${options.seconds} s: one patient will get worse, one lead will fall off`);
    const watch = watchFleet(call, env.pagerUrl, countsOf(before.ledger), startedMs);
    const onSecond = (second: number): void => {
      live(watch.line(second, publisher.sent()));
      if (second >= inboxAtSecond) work ??= startWork();
    };
    await playWard({ ward, publisher, seconds: options.seconds, clock, sleep, onSecond });
    await watch.stop();
  } finally {
    await client.close();
  }

  say('waiting until the workflows have ended');
  const { sent, workflows } = await (work ?? startWork());
  for (const line of later.lines) say(line);
  const sentClaims: SentInbox = {
    ...sent,
    batchIds: [...sent.batchIds, ...workflows.claimBatches],
    claims: sent.claims + inbox.dropped.reduce((sum, file) => sum + file.claims, 0),
  };
  say(
    `${sentClaims.claims} claims lay in the inbox: ${sentClaims.claims - sent.claims} in files on the SFTP server, ${sent.sent} sent, ${sent.rejected} in an interchange that does not hold`,
  );
  say('waiting until every stage is drained');
  const pages = await awaitPage(env.pagerUrl, startedMs, pageWaitMs);
  const ledger = await call<LedgerDocument>(['ledger', '--wait', drainSeconds]);
  const facts = await factCounts(env.warehouseUrl);
  const claims = await claimsEvidence(sentClaims, { call, cycle: `demo-${name}` });
  const report = reportOf({
    claims: claims.counts,
    workflows: workflows.report,
    sent: publisher.sent(),
    counts: grownBy(countsOf(before.ledger), countsOf(ledger)),
    facts: difference(before.facts, facts),
    pagesAccepted: pages.length,
    latenciesMs: await alertLatencies(env.databaseUrl, startedMs),
    ledger,
  });
  if (options.report) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  return {
    report,
    failures: [...failuresOf(report), ...claimFailuresOf(claims), ...workflowFailuresOf(report.workflows, files)],
    claims,
    runs: workflows.tree,
    page: pages.find(({ message }) => (message['payload'] as { severity?: string } | undefined)?.severity === 'critical') ?? pages[0],
    answers: await askWarehouse(env.warehouseUrl),
    quarantine: await call<Quarantine>(['dlq', 'list']),
    ledger,
  };
}

const difference = (before: FactCounts, after: FactCounts): FactCounts => ({
  readings: after.readings - before.readings,
  windows: after.windows - before.windows,
  alerts: after.alerts - before.alerts,
});

async function partitionsOf({ admin }: KafkaClient): Promise<number> {
  const [described] = await admin.describeTopics([topics.vitalsReadingReceived.name]);
  return described?.partitions ?? 1;
}
