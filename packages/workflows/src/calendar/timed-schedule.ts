import type { ScheduleDefinition } from '@vigil/definitions';

/** A schedule whose fires follow from the clock. */
export type TimedSchedule = Extract<ScheduleDefinition, { type: 'cron' | 'interval' | 'continuous' }>;
export type CronSchedule = Extract<ScheduleDefinition, { type: 'cron' }>;

/** Whether fires of a schedule follow from the clock, not from something that happens. */
export const isTimed = (schedule: ScheduleDefinition): schedule is TimedSchedule =>
  schedule.type === 'cron' || schedule.type === 'interval' || schedule.type === 'continuous';
