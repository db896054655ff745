import type { Emission } from '@vigil/core';
import { VigilError } from '@vigil/core';
import { encodeMetadata } from '../engine/commit-metadata.ts';
import { ledgerRowOf, openTally, tallyOutput } from '../engine/ledger-tally.ts';
import { readTaskPosition, type TaskPosition } from '../engine/task-position.ts';
import type { PlannedSink, TopologyPlan } from '../engine/topology-plan.ts';
import type { PositionToCommit, ProducedRecord, TransactionalProducer } from '../ports/kafka-client.ts';
import type { Adoption } from './adoption.ts';
import { applyChanges, readLast, readTaskState, type HeldStore, type StateWorld } from './task-state.ts';

export interface CutoverSide extends StateWorld {
  readonly plan: TopologyPlan;
}

/** Both sides of a cutover: `run` sees the run's names. */
export interface CutoverSides {
  readonly live: CutoverSide;
  readonly run: CutoverSide;
}

/** A task that may be adopted: nothing was written yet, and no predecessor can write any more. */
export interface PreparedTask {
  readonly partition: number;
  readonly producer: TransactionalProducer;
  readonly changelog: readonly ProducedRecord[];
  /** Outputs and their row of the ledger. */
  readonly told: readonly ProducedRecord[];
  readonly outputs: Readonly<Record<string, number>>;
  readonly positions: readonly PositionToCommit[];
}

/** Long enough for the rows of a large task; until it ends nothing behind it is read. */
const transactionTimeoutMs = 120_000;

const refused = (detail: string): VigilError => new VigilError('CUTOVER_REFUSED', { detail });

async function fenceTask({ client, plan }: CutoverSide, partition: number): Promise<TransactionalProducer> {
  const transactionalId = `${plan.group}.${partition}`;
  const producer = await client.openTransactionalProducer({ transactionalId, transactionTimeoutMs });
  await producer.fence();
  return producer;
}

/** Ways back are the live stage's own: the run has others. */
function refuseUnequal({ plan }: CutoverSide, partition: number, live: TaskPosition, run: TaskPosition): void {
  for (const { name, isRetry } of plan.sources) {
    const [ours, theirs] = [live.positions.get(name), run.positions.get(name)];
    if (isRetry || ours === theirs) continue;
    throw refused(`At ${name}-${partition} the live stage stands at ${ours} and the run at ${theirs}: they must handle the same records.`);
  }
}

const viewsOf = (held: readonly HeldStore[]): Record<string, unknown> =>
  Object.fromEntries(held.map(({ planned, store }) => [planned.name, store.view]));

const plain = { headers: [], timestamp: null };

/** What makes the live changelogs those of the run: only rows that differ. */
function changelogOf(
  live: readonly HeldStore[],
  run: readonly HeldStore[],
  partition: number,
  keeps: (store: string, key: string) => boolean,
) {
  const records: ProducedRecord[] = [];
  for (const [index, { planned, rows }] of run.entries()) {
    const { rows: before } = live[index] as HeldStore;
    const add = (key: string, value: Buffer | null): void =>
      void records.push({ topic: planned.changelog, partition, key: Buffer.from(key, 'utf8'), value, ...plain });
    for (const [key, value] of rows) if (before.get(key)?.equals(value) !== true) add(key, value);
    for (const key of before.keys()) if (!rows.has(key) && !keeps(planned.name, key)) add(key, null);
  }
  return records;
}

/** Outputs with their row in the ledger, as of a tick: no record caused them. */
function toldRecords({ plan }: CutoverSide, partition: number, emissions: readonly Emission[], nowMs: number) {
  const tally = openTally({ subStage: 'cutover', topic: '', batchId: null, firstOffset: nowMs });
  const records = emissions.map((emission): ProducedRecord => {
    const sink = plan.sinks.get(emission.topic.name) as PlannedSink;
    tallyOutput(tally, sink.name);
    return sink.encode(partition, emission);
  });
  const outputs = Object.fromEntries(tally.outputs);
  if (records.length === 0) return { records, outputs };
  const row = ledgerRowOf(tally, { stage: plan.group, partition, committedAt: nowMs, tablePositions: {} });
  const ledger = plan.ledger.encode(partition, { key: plan.group, value: row });
  return { records: [...records, ledger], outputs };
}

/** The live stage's positions under the next commit number: an instance that kept its state in memory drops it. */
const positionsOf = ({ plan }: CutoverSide, partition: number, { positions, metadata }: TaskPosition): PositionToCommit[] =>
  plan.sources.map(({ name, topicId }) => ({
    topic: name,
    partition,
    offset: positions.get(name) as number,
    metadata: encodeMetadata({ ...metadata, commit: metadata.commit + 1 }, topicId),
  }));

/**
 * Reads both states of a task and works out what makes the run's the live one. Whoever else writes under the ids of the
 * task is fenced first, so what is read stays true until the commit, or the commit fails.
 *
 * @throws VigilError CUTOVER_REFUSED: nothing was written
 */
export async function prepareTask(
  { live, run }: CutoverSides,
  adoption: Adoption<unknown>,
  { partition, nowMs }: { readonly partition: number; readonly nowMs: number },
): Promise<PreparedTask> {
  const producer = await fenceTask(live, partition);
  try {
    await (await fenceTask(run, partition)).close();
    const position = await readTaskPosition(live.plan, partition, live.client.admin);
    refuseUnequal(live, partition, position, await readTaskPosition(run.plan, partition, run.client.admin));
    const [ours, theirs] = [await readTaskState(live.plan, partition, live), await readTaskState(run.plan, partition, run)];
    const views = { live: viewsOf(ours), run: viewsOf(theirs) };
    const lastTold = await readLast(live, adoption.lastTold, partition);
    const { emissions, unsettled } = adoption.reconcile({ ...views, nowMs, lastTold });
    if (unsettled > 0) {
      throw refused(`In task ${partition} ${unsettled} keys of the live state rest on records from before the run: begin a run earlier.`);
    }
    const changelog = changelogOf(ours, theirs.map(applied), partition, (store, key) => adoption.keeps(store, key, views.run));
    const { records: told, outputs } = toldRecords(live, partition, emissions, nowMs);
    return { partition, producer, changelog, told, outputs, positions: positionsOf(live, partition, position) };
  } catch (error) {
    await producer.close();
    throw error;
  }
}

function applied(held: HeldStore): HeldStore {
  applyChanges(held);
  return held;
}
