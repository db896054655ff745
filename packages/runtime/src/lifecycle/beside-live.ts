import type { Clock } from '@vigil/core';
import { bounded, keyed, liveTopicsOf, measureLag, paced, withRunId, type KafkaClient } from '@vigil/kafka';
import type { SettingsOf } from '../settings/setting.ts';
import type { runSettings } from '../settings/shared-settings.ts';

export type RunSettings = SettingsOf<typeof runSettings>;

const askEveryMs = 2_000;

/** Whether the live stage is further behind than a run may leave it. Its sinks are others' business: only Kafka is asked. */
const isBehind = async (client: KafkaClient, stage: string, seconds: number, clock: Clock): Promise<boolean> => {
  const lags = await measureLag({ client, sinkPositions: () => Promise.resolve([]), clock });
  return lags.some(({ group, lagSeconds }) => group === stage && lagSeconds > seconds);
};

/** The client of a run that stands beside the live stage, where the settings name a run; else the client as it is. */
export function besideLive(client: KafkaClient, stage: string, settings: Partial<RunSettings>, clock: Clock): KafkaClient {
  const { runId, runKey, runUntil = {}, runRecordsPerSecond = Infinity, runYieldSeconds = 0 } = settings;
  if (runId === undefined) return client;
  const pace = {
    recordsPerSecond: runRecordsPerSecond,
    paced: liveTopicsOf(stage),
    mustYield: () => (runYieldSeconds === 0 ? Promise.resolve(false) : isBehind(client, stage, runYieldSeconds, clock)),
    askEveryMs,
    clock,
  };
  const slow = paced(client, pace);
  const ofKey = runKey === undefined ? slow : keyed(slow, pace.paced, runKey);
  return withRunId(bounded(ofKey, runUntil), stage, runId);
}
