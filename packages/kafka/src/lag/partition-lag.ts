/**
 * - `drained`: the position is the last stable offset
 * - `behind`: there is something to read
 * - `unread`: there is something to read and nothing was ever read
 * - `lost`: the position lies before the first record that is still kept
 * - `ahead`: the position lies after the end: the topic was made anew, and nothing in it was read
 */
export type LagState = 'drained' | 'behind' | 'unread' | 'lost' | 'ahead';

export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Next offset to read, past markers; where nothing was read yet the first there is. */
  readonly position: number;
  /** Last stable offset. */
  readonly end: number;
  /** Offsets between the two; markers among them count as records until they are passed. */
  readonly lagRecords: number;
  /** Now − ingestion time of the record at the position. */
  readonly lagSeconds: number;
  readonly state: LagState;
}

/** A lag whose records were not looked at yet. */
export interface UnagedLag extends Omit<PartitionLag, 'lagSeconds'> {
  /** The position, or the first record still kept where that comes later. */
  readonly readableFrom: number;
  /** Text committed beside the position: another one tells of a commit that did not move it. Empty for sinks. */
  readonly mark: string;
  /** Whether the group ever told a position here; false = the position is only where it would begin. */
  readonly isKnown: boolean;
}
