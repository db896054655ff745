import { topics } from '@vigil/contracts';
import type { KafkaClient } from '@vigil/kafka';
import { createSeededRandom } from '@vigil/testing';
import { drainedLedger, query, type Ledger } from '../fleet/fleet.ts';
import { checkOutcome, isExact } from './check-outcome.ts';
import type { Fault } from './faults/index.ts';
import { markStart, observeOutcome, type Observed } from './observe-outcome.ts';
import type { SentLog, Verdict } from './outcome.ts';
import { openBook, sendMessages, type SendBook } from './send-workload.ts';
import { createWorkload, type ChaosMessage } from './workload.ts';
import { until, withClient, worstLagSeconds, type World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  readonly records: number;
  readonly rate: number;
  readonly rounds: number;
}

/** A line of the report. */
export interface FaultReport extends Verdict {
  readonly fault: string;
  readonly title: string;
  readonly seed: number;
  readonly records: number;
  readonly evidence: readonly string[];
  readonly baselineLagSeconds: number;
  /** From the heal until the worst lag is at its baseline again; null = not within the wait. */
  readonly recoverySeconds: number | null;
  readonly pass: boolean;
}

const recoveryLimitSeconds = 60;
const recoveryWaitMs = 240_000;
/** A stage commits and a sink loads in rhythms below this. */
const quietLagSeconds = 3;
const drainSeconds = 300;
const pageWaitMs = 180_000;
const received = topics.vitalsReadingReceived.name;

/** Waits until a fifth of the workload is under way, so that the fault strikes into a running stream. */
function streaming(total: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { started: promise, onProgress: (sent: number): void => void (sent * 5 >= total && resolve()) };
}

/** A strike that failed ends the run, but not before its workload: the next one must find nobody sending. */
async function untilSent<Result>(sending: Promise<void>, strike: Promise<Result>): Promise<Result> {
  try {
    return await strike;
  } catch (error) {
    await sending;
    throw error;
  }
}

async function recovery(world: World, client: KafkaClient, baseline: number): Promise<number | null> {
  const healedMs = performance.now();
  try {
    await until('the lag is at its baseline', async () => (await worstLagSeconds(world, client)) <= baseline, recoveryWaitMs);
  } catch {
    return null;
  }
  return Math.round((performance.now() - healedMs) / 100) / 10;
}

/** Every page that is due was taken by a provider, or there is none. */
const pagesDelivered = ({ env }: World): Promise<void> =>
  until(
    'every page that is due is delivered',
    async () => {
      const [row] = await query<{ due: string }>(
        env.databaseUrl,
        `SELECT count(*) AS due FROM alerting.outbox WHERE channel = 'pagerduty' AND state = 'pending' AND not_before <= now()`,
      );
      return row?.due === '0';
    },
    pageWaitMs,
  );

const sentLogOf = ({ states, sent, acked }: SendBook, messages: readonly ChaosMessage[], { receivedMessages }: Observed): SentLog => ({
  states,
  sent,
  acked,
  malformed: new Set(messages.filter(({ kind }) => kind === 'malformed').map(({ id }) => id)),
  deteriorating: new Set(receivedMessages.filter(({ critical }) => critical).map(({ key }) => key)),
});

interface Counts {
  readonly consumed: number;
  readonly processed: number;
  readonly rejected: number;
  readonly duplicate: number;
}

function ingestCounts({ stages }: Ledger): Counts {
  const row = stages.find(({ stage, topic }) => stage === 'device-ingest' && topic === received);
  return { consumed: row?.consumed ?? 0, processed: row?.processed ?? 0, rejected: row?.rejected ?? 0, duplicate: row?.duplicate ?? 0 };
}

/** Where the fleet's own account differs from what was counted on the topics themselves. */
function ledgerFindings(before: Ledger, after: Ledger, verdict: Verdict, { received: onTopic }: Observed): string[] {
  const [from, to] = [ingestCounts(before), ingestCounts(after)];
  const counted: Counts = { consumed: onTopic.length, processed: verdict.output, rejected: verdict.dlq, duplicate: verdict.duplicate };
  const names = ['consumed', 'processed', 'rejected', 'duplicate'] as const;
  const differing = names.filter((name) => to[name] - from[name] !== counted[name]);
  const told = differing.map(
    (name) => `the ledger of device-ingest says ${to[name] - from[name]} ${name}, the topics say ${counted[name]}`,
  );
  return after.balanced ? told : [...told, `the ledger does not balance: ${after.unaccounted} unaccounted`];
}

const suppressedIn = ({ stages }: Ledger): number => stages.reduce((sum, { suppressed }) => sum + suppressed, 0);

/** Sends a workload, strikes while it runs, waits until all is quiet, and counts what came out. */
export async function runFault(world: World, fault: Fault, { seed, records, rate, rounds }: RunOptions): Promise<FaultReport> {
  return withClient(world, async (client) => {
    const before = await drainedLedger(drainSeconds);
    const marks = await markStart(client);
    const name = `${fault.id}X${Date.now().toString(36).toUpperCase()}`;
    const workload = createWorkload({ seed, name, records, endMs: Date.now() });
    const messages = [...workload.messages];
    const book = openBook();
    const { started, onProgress } = streaming(messages.length);
    world.say(`${fault.id}: ${messages.length} messages at ${rate}/s, seed ${seed}`);
    const sending = sendMessages(workload.messages, { client, book, rate, onProgress });
    await Promise.race([started, sending]);
    const baselineLagSeconds = Math.max(quietLagSeconds, await worstLagSeconds(world, client));

    world.say(`${fault.id}: ${fault.title}`);
    const sendBesides = async (more: readonly ChaosMessage[]): Promise<void> => {
      messages.push(...more);
      await sendMessages(more, { client, book, rate });
    };
    const strike = fault.inject({ world, rounds, random: createSeededRandom(seed), acked: () => book.acked, sendBesides });
    const evidence = await untilSent(sending, strike);
    const recoverySeconds = await recovery(world, client, baselineLagSeconds);
    await sending;
    const after = await drainedLedger(drainSeconds);
    await pagesDelivered(world);

    const observed = await observeOutcome({ world, client, marks, workload, messages });
    const verdict = checkOutcome(sentLogOf(book, messages, observed), observed);
    const findings = [...verdict.findings, ...ledgerFindings(before, after, verdict, observed)];
    const recovered = recoverySeconds !== null && recoverySeconds <= recoveryLimitSeconds;
    const report: FaultReport = {
      fault: fault.id,
      title: fault.title,
      seed,
      records: messages.length,
      ...verdict,
      suppressed: suppressedIn(after) - suppressedIn(before),
      findings,
      evidence,
      baselineLagSeconds,
      recoverySeconds,
      pass: isExact(verdict) && findings.length === 0 && recovered,
    };
    world.say(
      `${fault.id}: ${report.pass ? 'passed' : `FAILED\n  ${[`recovery ${recoverySeconds ?? 'not'} s`, ...findings].join('\n  ')}`}`,
    );
    return report;
  });
}
