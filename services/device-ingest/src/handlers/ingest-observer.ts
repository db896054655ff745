/** What the handlers tell beside their outcomes; called per record, so it must be cheap. */
export interface IngestObserver {
  /** A field was judged impossible: the vital's code and why. */
  excluded(field: string, code: string): void;
  /** A data-quality event. */
  flagged(flag: string): void;
  /** A record lies on another partition than its device's, or has no key: repeats on two partitions are not recognised. */
  misplaced(record: { readonly topic: string; readonly partition: number; readonly offset: number }): void;
}
