export type * from './job/batch-job.ts';
export type { TrailRange } from './job/checkpoint-trail.ts';
export { checkpointKeyOf, openCheckpoints, type Checkpoints, type CheckpointsOptions } from './job/checkpoints.ts';
export { defaultChunkLimits, type ChunkLimits } from './job/chunk-rhythm.ts';
export { runTopicJob, type TopicJobOptions, type TopicJobPorts } from './job/run-topic-job.ts';
export type { JobSource } from './job/topic-chunk.ts';
export type { CommittedChunk } from './job/topic-committer.ts';
