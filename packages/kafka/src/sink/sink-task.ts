import { classifyError, VigilError } from '@vigil/core';
import { createRetrySchedule, type RetrySchedule } from '../engine/retry-schedule.ts';
import type { PartitionHealth } from '../engine/stage.ts';
import type { FetchedBatch } from '../ports/kafka-client.ts';
import type { SinkQueue } from './sink-queue.ts';
import { openQueues } from './open-queues.ts';
import { createSinkBatches, type SinkBatches } from './sink-batches.ts';
import type { SinkContext } from './sink-context.ts';
import type { SinkBatch } from './sink-target.ts';

export type SinkTaskState = 'opening' | 'open' | 'waiting' | 'closed';

/**
 * One partition number of all topics of a sink: reads ahead into queues and writes one batch at a time.
 *
 * After any failure whose outcome is unknown it takes its partitions over again and goes on from the position that the
 * target holds; what it had read ahead is forgotten.
 */
export class SinkTask {
  readonly partition: number;
  readonly #context: SinkContext;
  readonly #batches: SinkBatches;
  #state: SinkTaskState = 'opening';
  #queues: readonly SinkQueue[] = [];
  /** The last queues there were. */
  #known: readonly SinkQueue[] = [];
  #busy: Promise<void> | undefined;
  readonly #retries: RetrySchedule;
  #arrivedMs: number | undefined;
  #lastArrivedMs = 0;

  constructor(partition: number, context: SinkContext) {
    this.partition = partition;
    this.#context = context;
    this.#batches = createSinkBatches(partition, context);
    this.#retries = createRetrySchedule(context.settings, context.random);
  }

  get state(): SinkTaskState {
    return this.#state;
  }

  get queues(): readonly SinkQueue[] {
    return this.#queues;
  }

  /** Where it stands; while it waits, where it stood, so that its lag goes on growing. */
  health(): readonly PartitionHealth[] {
    const nowMs = this.#context.clock.present();
    return this.#known.map((queue) => queue.health(nowMs));
  }

  /** Read and written to the end, as far as is known. */
  get drained(): boolean {
    return this.#state === 'open' && this.#queues.every((queue) => !queue.waiting && queue.drained);
  }

  /** Milliseconds until something is to be written; undefined = nothing waits or a write is under way. */
  dueInMs(): number | undefined {
    if (this.#busy || this.#state !== 'open' || this.#arrivedMs === undefined) return undefined;
    const { limits, clock } = this.#context;
    const full = this.#sum('records') >= limits.maxRecords || this.#sum('bytes') >= limits.maxBytes;
    if (full) return 0;
    const due = Math.min(this.#arrivedMs + limits.maxWaitMs, this.#lastArrivedMs + limits.idleMs);
    return Math.max(0, due - clock.now());
  }

  /** Begins to take the partitions over; failures are tried again until the task is closed. */
  open(): void {
    this.#state = 'opening';
    this.#start(() => this.#open());
  }

  take(batch: FetchedBatch): void {
    const queue = this.#queues.find(({ topic }) => topic === batch.topic);
    if (this.#state !== 'open' || !queue) return;
    const records = queue.records;
    queue.push(batch);
    if (queue.records === records && !queue.waiting) return;
    if (queue.records > records || this.#arrivedMs === undefined) this.#lastArrivedMs = this.#context.clock.now();
    this.#arrivedMs ??= this.#lastArrivedMs;
    this.#holdBack();
    this.pump();
  }

  /** Writes what is due. */
  pump(): void {
    if (this.dueInMs() === 0) this.#start(() => this.#write());
  }

  /** Asks the target whether we still hold what we think we hold, where no write would tell. */
  confirm(): void {
    if (this.#state === 'open' && !this.#busy) this.#start(() => this.#confirm());
  }

  /** Writes all that was read, or fails; for an orderly end. */
  async flush(): Promise<void> {
    await this.#busy;
    while (this.#state === 'open' && this.#queues.some((queue) => queue.waiting)) {
      // Whoever flushes beside us has begun already: two writes at once would each take a part, and move the position past the other's.
      if (!this.#busy) this.#start(() => this.#write());
      await this.#busy;
    }
  }

  /** Stops at once; a write under way may still succeed, which is as good as if it had before. */
  close(reason: 'unassigned' | 'drained' | 'fenced'): void {
    if (this.#state === 'closed') return;
    this.#forget();
    this.#state = 'closed';
    this.#context.report({ type: 'task-closed', partition: this.partition, reason });
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #sum(what: 'records' | 'bytes'): number {
    return this.#queues.reduce((sum, queue) => sum + queue[what], 0);
  }

  #start(work: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        await this.#failed(error);
      }
    };
    this.#busy = run().finally(() => {
      this.#busy = undefined;
      this.#context.wake();
      // The read loop may be waiting for the broker: what is left is written in time all the same.
      const dueInMs = this.dueInMs();
      if (dueInMs !== undefined) this.#context.clock.after(dueInMs, () => this.pump());
    });
  }

  async #open(): Promise<void> {
    const { client, target, topics, fetcher } = this.#context;
    const queues = await openQueues({ admin: client.admin, target, topics, partition: this.partition });
    if (this.#isClosed()) return;
    this.#queues = queues;
    this.#known = queues;
    this.#state = 'open';
    for (const queue of queues) fetcher.assign(queue, queue.written);
  }

  async #confirm(): Promise<void> {
    const held = this.#queues.map(({ topic, partition, epoch, written }) => ({ topic, partition, epoch, nextOffset: written }));
    if (!(await this.#context.target.holds(held))) throw new VigilError('FENCED', { detail: `Partition ${this.partition} was moved.` });
    this.#retries.reset();
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#isClosed()) return;
    const { kind, code } = classifyError(error);
    this.#forget();
    this.#state = 'waiting';
    if (kind === 'fenced' && !(await this.#isStillMember())) return this.close('fenced');
    if (kind !== 'fenced' && kind !== 'transient' && kind !== 'dependency') return this.#context.fail(error);
    const { attempt, delayMs } = this.#retries.next();
    this.#context.report({ type: 'retrying', partition: this.partition, kind, code, attempt, delayMs });
    this.#context.clock.after(delayMs, () => {
      if (!this.#isClosed()) this.open();
    });
  }

  /** Where the coordinator cannot be asked we try to take over: the epoch decides in the end. */
  async #isStillMember(): Promise<boolean> {
    try {
      return await this.#context.isStillMember();
    } catch {
      return true;
    }
  }

  #forget(): void {
    for (const queue of this.#queues) this.#context.fetcher.unassign(queue);
    this.#queues = [];
    this.#arrivedMs = undefined;
  }

  /** Reads no further ahead than twice what one batch may hold. */
  #holdBack(): void {
    const { limits, fetcher } = this.#context;
    for (const queue of this.#queues) {
      const full = queue.records > 2 * limits.maxRecords || queue.bytes > 2 * limits.maxBytes;
      const low = queue.records <= limits.maxRecords && queue.bytes <= limits.maxBytes;
      if (full === queue.paused || (queue.paused && !low)) continue;
      queue.paused = full;
      if (full) fetcher.pause(queue);
      else fetcher.resume(queue);
      this.#context.report({ type: 'backpressure', topic: queue.topic, partition: queue.partition, paused: full });
    }
  }

  async #write(): Promise<void> {
    const batch = await this.#batches.read(this.#queues);
    await this.#batches.write(batch, (part) => this.#onWritten(part));
    if (this.#isClosed()) return;
    const more = this.#queues.some((queue) => queue.waiting);
    this.#arrivedMs = more ? this.#context.clock.now() : undefined;
    this.#holdBack();
  }

  #onWritten(batch: SinkBatch): void {
    for (const { topic, nextOffset } of batch.slices) this.#queues.find((queue) => queue.topic === topic)?.wrote(nextOffset);
    this.#retries.reset();
    this.#context.onWritten(batch);
  }
}
