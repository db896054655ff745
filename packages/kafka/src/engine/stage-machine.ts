import type { FetchedBatch, Fetcher, GroupMember } from '../ports/kafka-client.ts';
import type { Topology } from '../topology/topology.ts';
import { systemStageClock, type StageClock } from './engine-clock.ts';
import { silentObserver, type EngineObserver } from './engine-observer.ts';
import { defaultEngineSettings, type EngineSettings } from './engine-settings.ts';
import { createSchemaResolver, type SchemaResolver } from './schema-resolver.ts';
import type { StageDependencies, StageHealth } from './stage.ts';
import { openStageTables, type StageTables } from './stage-tables.ts';
import { createTask, type Task } from './task.ts';
import { planTopology, type TopologyPlan } from './topology-plan.ts';

/** A topology that runs step by step: the loop around it decides how long to wait. */
export interface StageMachine {
  /** Looks everything up, reads the tables, joins the group. @throws VigilError; may be called again after a failure */
  open(): Promise<void>;
  /** One poll, handed to the tasks. @throws what ended the stage, or dependency errors that a later step may overcome */
  step(maxWaitMs: number): Promise<void>;
  /** Resolves when no task is busy. */
  settled(): Promise<void>;
  /** Commits what is handled, closes the tasks and leaves the group. */
  close(): Promise<void>;
  health(): Omit<StageHealth, 'state'> & { readonly isWaiting: boolean };
}

interface OpenStage {
  readonly plan: TopologyPlan;
  readonly fetcher: Fetcher;
  readonly tables: StageTables;
  readonly resolver: SchemaResolver;
  member: GroupMember | null;
}

interface Surroundings {
  readonly clock: StageClock;
  readonly observer: EngineObserver;
  readonly random: () => number;
  readonly settings: EngineSettings;
}

export const surroundingsOf = ({
  clock = systemStageClock,
  observer = silentObserver,
  random = Math.random,
  settings,
}: StageDependencies): Surroundings => ({
  clock,
  observer,
  random,
  settings: { ...defaultEngineSettings, ...settings },
});

export function createStageMachine(topology: Topology, dependencies: StageDependencies): StageMachine {
  const { client, registry } = dependencies;
  const { clock, observer, random, settings } = surroundingsOf(dependencies);
  const tasks = new Map<number, Task>();
  const closing = new Set<Promise<void>>();
  let stage: OpenStage | null = null;
  let assigned: readonly number[] = [];
  let generation = 0;
  let stopped = false;
  const fatal: unknown[] = [];

  const onFatal = (error: unknown): void => {
    fatal.push(error);
  };
  const throwFatal = (): void => {
    if (fatal.length > 0) throw fatal[0];
  };
  const openTask = ({ plan, fetcher, tables, resolver }: OpenStage, partition: number): Task =>
    createTask({
      plan,
      partition,
      world: { client, registry },
      fetcher,
      tables,
      resolver,
      clock,
      observer,
      random,
      settings,
      confirmMembership: async () => (await stage?.member?.confirm()) ?? false,
      onFatal,
    });
  const closeTask = (task: Task): void => {
    tasks.delete(task.partition);
    const closed = task.close('unassigned').finally(() => closing.delete(closed));
    closing.add(closed);
  };
  /** A task is opened only when its predecessor in this process has let go of the partition. */
  const adopt = async (open: OpenStage, numbers: readonly number[]): Promise<void> => {
    const own = ++generation;
    assigned = numbers;
    observer.on({ type: 'assigned', stage: topology.name, partitions: numbers });
    for (const task of tasks.values()) {
      if (numbers.includes(task.partition)) task.resume();
      else closeTask(task);
    }
    while (closing.size > 0) await Promise.all(closing);
    if (stopped || own !== generation) return;
    for (const number of numbers.filter((candidate) => !tasks.has(candidate))) {
      const task = openTask(open, number);
      tasks.set(number, task);
      task.tend();
    }
  };
  const join = (open: OpenStage): Promise<GroupMember> =>
    client.join({
      group: topology.name,
      topics: open.plan.sources.map(({ name }) => name),
      sessionTimeoutMs: settings.sessionTimeoutMs,
      listener: {
        onAssigned: (numbers) => void adopt(open, numbers).catch(onFatal),
        onLost() {
          observer.on({ type: 'membership-lost', stage: topology.name });
          for (const task of tasks.values()) task.suspend();
        },
        onFatal,
      },
    });

  const route = async ({ tables }: OpenStage, batches: readonly FetchedBatch[]): Promise<void> => {
    for (const batch of batches) if (!tables.owns(batch.topic)) tasks.get(batch.partition)?.offer(batch);
    for (const task of tasks.values()) task.tend();
    for (const batch of batches) if (tables.owns(batch.topic)) await tables.apply(batch);
  };
  const settled = async (): Promise<void> => {
    await Promise.all(closing);
    await Promise.all([...tasks.values()].map((task) => task.settled()));
  };

  return {
    async open() {
      if (!stage) {
        const plan = await planTopology(topology, client, registry);
        const fetcher = await client.openFetcher();
        try {
          const tables = await openStageTables(plan, { client, registry }, fetcher, settings.pollMs);
          stage = { plan, fetcher, tables, resolver: createSchemaResolver(registry, () => clock.now()), member: null };
        } catch (error) {
          await fetcher.close();
          throw error;
        }
      }
      stage.member ??= await join(stage);
    },
    async step(maxWaitMs) {
      throwFatal();
      if (!stage) throw new TypeError('the stage is not open');
      const batches = await stage.fetcher.poll(maxWaitMs);
      if (!stopped) await route(stage, batches);
      throwFatal();
    },
    settled,
    async close() {
      stopped = true;
      await Promise.all(closing);
      await Promise.all([...tasks.values()].map((task) => task.drain()));
      await stage?.member?.leave().catch(() => undefined);
      await stage?.fetcher.close();
    },
    health() {
      const open = [...tasks.values()];
      const partitions = open.flatMap((task) => task.health());
      return {
        assigned,
        openTasks: open.filter((task) => task.isOpen).length,
        partitions,
        lagSeconds: Math.max(0, ...partitions.map(({ lagSeconds }) => lagSeconds)),
        drained: open.length === assigned.length && open.every((task) => task.isDrained),
        isWaiting: open.some((task) => task.isWaiting),
      };
    },
  };
}
