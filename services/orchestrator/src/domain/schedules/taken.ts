/** What a look at the schedules that are due did. */
export interface Taken {
  /** Schedules that were decided about. */
  readonly schedules: number;
  readonly started: number;
  /** How late the latest of the started runs is; 0 = none. */
  readonly lateMs: number;
}
