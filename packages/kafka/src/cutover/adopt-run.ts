import type { Clock } from '@vigil/core';
import { planTopology } from '../engine/topology-plan.ts';
import type { AdminClient, KafkaClient, ProducedRecord } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';
import { runNameOf } from '../run-id/run-names.ts';
import { withRunId } from '../run-id/with-run-id.ts';
import type { Topology } from '../topology/topology.ts';
import type { AdoptedTask, Adoption } from './adoption.ts';
import { prepareTask, type CutoverSides, type PreparedTask } from './prepare-task.ts';

export interface AdoptOptions {
  /** The live names. */
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly runId: string;
}

/**
 * A group that nobody joins: a position in it says that the task was cut over. It is committed with the cutover itself, and
 * neither the live stage nor the run ever commits there.
 */
export const cutoverGroupOf = (stage: string, runId: string): string => `${runNameOf(stage, runId)}.cutover`;

/** The tasks of `stage` that were cut over to the run. */
export async function adoptedTasks(admin: AdminClient, stage: string, runId: string, topic: string): Promise<ReadonlySet<number>> {
  const marks = await admin.committed(cutoverGroupOf(stage, runId), [topic]);
  return new Set(marks.filter(({ offset }) => offset !== null).map(({ partition }) => partition));
}

const recordsPerSend = 2_000;

async function sendAll({ producer }: PreparedTask, records: readonly ProducedRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += recordsPerSend) await producer.send(records.slice(from, from + recordsPerSend));
}

/** One transaction: state, what is told of it, positions, and the mark that it was done. Outputs last, as their readers wait for its end. */
async function commitTask(task: PreparedTask, stage: string, runId: string): Promise<AdoptedTask> {
  const { producer, changelog, told, positions, partition, outputs } = task;
  await producer.begin();
  await sendAll(task, changelog);
  await sendAll(task, told);
  await producer.sendPositions(stage, positions);
  await producer.sendPositions(cutoverGroupOf(stage, runId), positions);
  await producer.commit();
  return { partition, rows: changelog.length, outputs };
}

/**
 * Puts the state of a run into the place of the live stage's, a transaction a task. All tasks are checked before the first
 * is written. Killed at any moment it is gone on with by calling it again: a task that is cut over carries a mark.
 *
 * The live stage must be stopped. One that is not is fenced, and its next start of a task fences this in turn: then
 * nothing of that task was changed.
 *
 * @param adoption  of the same stores as `topology`
 * @throws VigilError CUTOVER_REFUSED where a task may not be adopted; FENCED; dependency errors
 */
export async function adoptRun<Stores>(
  topology: Topology,
  adoption: Adoption<Stores>,
  { client, registry, clock, runId }: AdoptOptions,
): Promise<readonly AdoptedTask[]> {
  const runClient = withRunId(client, topology.name, runId);
  const sides: CutoverSides = {
    live: { client, registry, plan: await planTopology(topology, client, registry) },
    run: { client: runClient, registry, plan: await planTopology(topology, runClient, registry) },
  };
  const { plan } = sides.live;
  const source = plan.sources[0]?.name ?? '';
  const isDone = async (partition: number): Promise<boolean> =>
    (await adoptedTasks(client.admin, plan.group, runId, source)).has(partition);
  const prepared: PreparedTask[] = [];
  try {
    for (let partition = 0; partition < plan.partitions; partition++) {
      if (await isDone(partition)) continue;
      const task = await prepareTask(sides, adoption, { partition, nowMs: clock.now() });
      prepared.push(task);
    }
    const adopted: AdoptedTask[] = [];
    for (const task of prepared) {
      // Another call may have been faster: it was before the fence, or the commit fails.
      if (!(await isDone(task.partition))) adopted.push(await commitTask(task, plan.group, runId));
    }
    return adopted;
  } finally {
    for (const { producer } of prepared) await producer.close();
  }
}
