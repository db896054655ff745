import { topics, type LagObserved, type TroubleRaised } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import { silentAfterMs, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import type { StageHealth } from '@vigil/workflows';
import { tailTopic } from '../kafka/tail-topic.ts';

const healthOfState: Readonly<Record<string, StageHealth>> = {
  OK: 'ok',
  WARN: 'behind',
  REWIND: 'behind',
  STALL: 'stalled',
  STOP: 'stopped',
};
const healthOfTrouble: Readonly<Record<string, StageHealth>> = { 'ledger-imbalance': 'imbalance', 'stage-halted': 'stopped' };

/** What the fleet's own watch tells of the stages. */
export interface StageWatch {
  /** Undefined = the lag was not observed lately, and nobody knows. */
  healthOf(stage: string): StageHealth | undefined;
  readonly caughtUp: Promise<unknown>;
  close(): Promise<unknown>;
}

/** @param open  troubles that nobody cleared */
export function healthOf(observed: LagObserved | undefined, open: Iterable<TroubleRaised>, nowMs: number): StageHealth | undefined {
  const told = new Set([...open].map(({ kind }) => healthOfTrouble[kind]));
  for (const worst of ['imbalance', 'stopped'] as const) if (told.has(worst)) return worst;
  if (observed === undefined || Math.abs(nowMs - observed.observedAt) > silentAfterMs) return undefined;
  return healthOfState[observed.state];
}

export interface WatchOptions {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown) => void;
}

/** Follows observed lags and open troubles; one for all tasks of a worker. */
export function openStageWatch({ client, registry, clock, onTrouble }: WatchOptions): StageWatch {
  const lags = new Map<string, LagObserved>();
  const open = new Map<string, TroubleRaised>();
  const world = { client, registry, from: 'start', onTrouble } as const;
  const lagTail = tailTopic({ ...world, topic: topics.lagObserved, onValue: (observed) => void lags.set(observed.group, observed) });
  const troubleTail = tailTopic({
    ...world,
    topic: topics.troubleRaised,
    onValue(trouble) {
      if (trouble.change === 'raised') open.set(trouble.troubleId, trouble);
      else open.delete(trouble.troubleId);
    },
  });
  return {
    healthOf: (stage) =>
      healthOf(
        lags.get(stage),
        [...open.values()].filter((trouble) => trouble.stage === stage),
        clock.now(),
      ),
    caughtUp: Promise.all([lagTail.caughtUp, troubleTail.caughtUp]),
    close: () => Promise.all([lagTail.stop(), troubleTail.stop()]),
  };
}
