export type RunInvariant =
  /** Every run ends once the faults do; one that failed and was mended goes on. */
  | 'W1'
  /** What is written outside is written once for an epoch, by epochs that grow, last by the one that the run believes. */
  | 'W2'
  /** No slot, lease, timer, question or message is left over. */
  | 'W3'
  /** The history gives the state again; no state breaks a rule of runs. */
  | 'W4'
  /** No attempt runs twice at once. */
  | 'W5'
  /** Cancelling is prompt and final where nothing else goes wrong. */
  | 'W6'
  /** The run ends as it would have without the fault. */
  | 'W7'
  /** A continuous run ends only when it is cancelled, and all its stages come up again. */
  | 'W8'
  /** A run that moves to a mended version keeps what succeeded and is the same, with all before it, and nothing else. */
  | 'W9'
  /** What a person has to look at waits for a person; nothing of a paused run is handed out. */
  | 'W10';

export interface RunViolation {
  readonly invariant: RunInvariant;
  readonly detail: string;
}
