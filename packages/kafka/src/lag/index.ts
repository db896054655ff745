export { ageLags } from './age-lags.ts';
export { measureLag, measurePositions, type LagSources, type SinkPosition } from './measure-lag.ts';
export { groupTopics, type GroupTopic } from './group-topics.ts';
export type { LagState, PartitionLag, UnagedLag } from './partition-lag.ts';
export { openObservedLags, type ObservedLags } from './observed-lags.ts';
export { liveGroups, liveLagOf, silentAfterMs, type LiveLag } from './live-lag.ts';
export { createYieldToLive, type YieldOptions } from './yield-to-live.ts';
export { lastRecord, type LastRecordRange } from './last-record.ts';
