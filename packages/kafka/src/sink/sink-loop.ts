import { classifyError } from '@vigil/core';
import { createRetrySchedule, type RetrySchedule } from '../engine/retry-schedule.ts';
import type { Stage, StageHealth } from '../engine/stage.ts';
import type { GroupMember } from '../ports/kafka-client.ts';
import type { LedgerRelay } from './ledger-relay.ts';
import type { PositionCopier } from './position-copier.ts';
import type { SerialSender } from './serial-sender.ts';
import type { SinkContext } from './sink-context.ts';
import { SinkTask } from './sink-task.ts';

export interface SinkLoopParts {
  readonly relay: LedgerRelay;
  readonly copier: PositionCopier;
  readonly sender: SerialSender;
}

const housekeepingMs = 1_000;

/** The read loop of a sink with its group membership: one fetcher, one task per assigned partition number. */
export class SinkLoop implements Stage {
  readonly finished: Promise<void>;
  readonly #context: SinkContext;
  readonly #parts: SinkLoopParts;
  readonly #tasks = new Map<number, SinkTask>();
  readonly #finish: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #joined: PromiseWithResolvers<GroupMember> = Promise.withResolvers();
  /** What the last generation gave us and is not opened yet. */
  #assigned: readonly number[] | undefined;
  #state: 'joining' | 'running' | 'draining' | 'stopped' | 'failed' = 'joining';
  #woken = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #progressedAtMs: number;
  #housekeptAtMs = 0;
  readonly #pollRetries: RetrySchedule;
  #isPollFailing = false;

  constructor(context: SinkContext, parts: SinkLoopParts) {
    this.#context = context;
    this.#parts = parts;
    this.#pollRetries = createRetrySchedule(context.settings, context.random);
    this.#progressedAtMs = context.clock.now();
    this.finished = this.#finish.promise;
    // Whoever does not wait for the end must not die of an unhandled rejection.
    this.finished.catch(() => undefined);
  }

  /** @throws what joining the group failed with; nothing then keeps running */
  async start(): Promise<void> {
    try {
      this.#joined.resolve(await this.#join());
    } catch (error) {
      this.#state = 'failed';
      await this.#closeParts();
      throw error;
    }
    this.#running = this.#run();
  }

  #join(): Promise<GroupMember> {
    const { client, spec, settings, topics } = this.#context;
    return client.join({
      group: spec.name,
      topics: topics.map(({ name }) => name),
      sessionTimeoutMs: settings.sessionTimeoutMs,
      listener: {
        onAssigned: (partitions) => this.#onAssigned(partitions),
        onLost: () => this.#onLost(),
        onFatal: (error) => this.fail(error),
      },
    });
  }

  /** Looks at once for what is to be done. */
  wake(): void {
    this.#woken.resolve();
  }

  async isStillMember(): Promise<boolean> {
    return (await this.#joined.promise).confirm();
  }

  fail(error: unknown): void {
    if (this.#isOver()) return;
    this.#state = 'failed';
    const { kind, code } = classifyError(error);
    this.#context.report({ type: 'failed', kind, code });
    this.#closeTasks('fenced');
    this.wake();
    void this.#endWith(error);
  }

  async #endWith(error: unknown): Promise<void> {
    await this.#release();
    this.#finish.reject(error);
  }

  async drain({ withinMs }: { readonly withinMs: number }): Promise<boolean> {
    if (this.#isOver()) return this.#state === 'stopped';
    this.#state = 'draining';
    this.wake();
    const { clock } = this.#context;
    const ended = Promise.withResolvers<boolean>();
    const cancel = clock.after(withinMs, () => ended.resolve(false));
    void this.#drain().then(
      () => ended.resolve(true),
      () => ended.resolve(false),
    );
    const inTime = await ended.promise;
    cancel();
    this.#closeTasks('drained');
    if (!this.#isOver()) {
      this.#state = 'stopped';
      this.#finish.resolve();
    }
    return inTime;
  }

  health(): StageHealth {
    const tasks = [...this.#tasks.values()];
    const partitions = tasks.flatMap((task) => task.health());
    const waiting = this.#state === 'running' && (this.#isPollFailing || tasks.some(({ state }) => state === 'waiting'));
    return {
      state: waiting ? 'waiting' : this.#state,
      assigned: this.#assigned ?? [...this.#tasks.keys()],
      openTasks: tasks.filter(({ state }) => state === 'open').length,
      partitions,
      lagSeconds: Math.max(0, ...partitions.map(({ lagSeconds }) => lagSeconds)),
      drained: this.#state === 'running' && this.#assigned === undefined && tasks.every(({ drained }) => drained),
      idleMs: this.#context.clock.now() - this.#progressedAtMs,
    };
  }

  #isOver(): boolean {
    return this.#state === 'stopped' || this.#state === 'failed';
  }

  #onAssigned(partitions: readonly number[]): void {
    this.#assigned = partitions;
    this.wake();
  }

  #onLost(): void {
    this.#assigned = undefined;
    this.#parts.copier.forget();
    this.#closeTasks('unassigned');
    this.#context.report({ type: 'membership-lost' });
  }

  #closeTasks(reason: 'unassigned' | 'drained' | 'fenced'): void {
    for (const task of this.#tasks.values()) task.close(reason);
    this.#tasks.clear();
  }

  #openAssigned(): void {
    const partitions = this.#assigned;
    if (!partitions) return;
    this.#assigned = undefined;
    this.#closeTasks('unassigned');
    for (const partition of partitions) {
      const task = new SinkTask(partition, this.#context);
      this.#tasks.set(partition, task);
      task.open();
    }
    if (this.#state === 'joining') this.#state = 'running';
    this.#context.report({ type: 'assigned', partitions });
    this.#parts.relay.nudge();
  }

  async #run(): Promise<void> {
    while (this.#state === 'joining' || this.#state === 'running') {
      this.#progressedAtMs = this.#context.clock.now();
      this.#openAssigned();
      for (const task of this.#tasks.values()) task.pump();
      await this.#turn();
      await this.#keepHouse();
    }
  }

  /** Reads once, or waits where nothing can be read. */
  async #turn(): Promise<void> {
    const { settings, fetcher } = this.#context;
    const tasks = [...this.#tasks.values()];
    const waitMs = Math.min(settings.pollMs, ...tasks.map((task) => task.dueInMs() ?? settings.pollMs));
    const canRead = tasks.some(({ state, queues }) => state === 'open' && queues.some(({ paused }) => !paused));
    if (!canRead) return this.#sleep(waitMs);
    try {
      for (const batch of await fetcher.poll(waitMs)) this.#tasks.get(batch.partition)?.take(batch);
      this.#isPollFailing = false;
      this.#pollRetries.reset();
    } catch (error) {
      await this.#pollFailed(error);
    }
  }

  async #pollFailed(error: unknown): Promise<void> {
    const { kind, code } = classifyError(error);
    if (kind !== 'dependency' && kind !== 'transient') return this.fail(error);
    this.#isPollFailing = true;
    const { attempt, delayMs } = this.#pollRetries.next();
    this.#context.report({ type: 'retrying', partition: null, kind, code, attempt, delayMs });
    await this.#sleep(delayMs);
  }

  async #sleep(ms: number): Promise<void> {
    const cancel = this.#context.clock.after(ms, () => this.wake());
    await this.#woken.promise;
    cancel();
    this.#woken = Promise.withResolvers();
  }

  async #keepHouse(): Promise<void> {
    const nowMs = this.#context.clock.now();
    if (nowMs - this.#housekeptAtMs < housekeepingMs) return;
    this.#housekeptAtMs = nowMs;
    for (const task of this.#tasks.values()) task.confirm();
    this.#parts.relay.nudge();
    await this.#parts.copier.copy(await this.#joined.promise);
  }

  async #drain(): Promise<void> {
    await this.#running;
    await Promise.all([...this.#tasks.values()].map((task) => task.flush()));
    await this.#parts.relay.settle();
    await this.#parts.copier.copy(await this.#joined.promise);
    this.#closeTasks('drained');
    await this.#release();
  }

  async #release(): Promise<void> {
    const member = await this.#joined.promise;
    await member.leave().catch(() => undefined);
    await this.#closeParts();
  }

  async #closeParts(): Promise<void> {
    await this.#context.fetcher.close().catch(() => undefined);
    await this.#parts.sender.close().catch(() => undefined);
  }
}
