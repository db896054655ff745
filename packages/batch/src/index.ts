export type * from './job/batch-job.ts';
