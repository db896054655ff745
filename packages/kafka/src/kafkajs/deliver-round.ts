import { classifyError } from '@vigil/core';
import type { AppendedBatch } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { produceRound, type PartitionBatch, type ProduceIdentity } from './produce.ts';

export interface Delivery {
  readonly link: ClusterLink;
  readonly round: readonly PartitionBatch[];
  readonly identity: ProduceIdentity;
  readonly requestTimeoutMs: number;
  /** How long the round is tried again before its fate is reported as unknown. */
  readonly withinMs: number;
}

const firstDelayMs = 20;
const mostDelayMs = 1_000;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const isPassing = (error: unknown): boolean => ['transient', 'dependency'].includes(classifyError(error).kind);

/**
 * Sends a round until the broker has it. A repeat holds the same records under the same sequence numbers, so the broker
 * takes each batch once, even where an answer was lost.
 *
 * @returns where each batch stands
 * @throws what does not pass by itself, or the last failure when the time is over: the outcome is then unknown
 */
export async function deliverRound({ link, round, identity, requestTimeoutMs, withinMs }: Delivery): Promise<readonly AppendedBatch[]> {
  const appended: AppendedBatch[] = [];
  const onAppended = (batch: AppendedBatch): void => void appended.push(batch);
  const { sequences } = identity;
  const before = new Map(round.map((batch) => [batch, sequences.current(batch.topic, batch.partition)]));
  const isOpen = (batch: PartitionBatch): boolean => sequences.current(batch.topic, batch.partition) === before.get(batch);
  const deadlineMs = performance.now() + withinMs;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(mostDelayMs, delayMs * 2)) {
    try {
      await produceRound(link, round.filter(isOpen), identity, { timeoutMs: requestTimeoutMs, onAppended });
      return appended;
    } catch (error) {
      if (!isPassing(error) || performance.now() + delayMs > deadlineMs) throw error;
      await sleep(delayMs);
      await link.refresh().catch(() => undefined);
    }
  }
}
