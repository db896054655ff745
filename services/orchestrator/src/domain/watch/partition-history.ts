/** Where a group stands on a partition at one moment. */
export interface LagSample {
  readonly atMs: number;
  readonly position: number;
  /** Text committed beside the position. */
  readonly mark: string;
  readonly lagRecords: number;
  readonly lagSeconds: number;
}

export interface PartitionHistory {
  /** The last samples, oldest first; at least one. */
  readonly samples: readonly LagSample[];
  /** Those of the last samples in which a new commit was seen, oldest first; the first sample counts as one. */
  readonly commits: readonly LagSample[];
}

/** As many offsets as Burrow keeps for each partition. */
export const windowSamples = 10;

const isCommit = (last: LagSample | undefined, { position, mark }: LagSample): boolean =>
  last === undefined || last.position !== position || last.mark !== mark;

/** The history with one sample more; what falls out of the window is forgotten. */
export function addSample(history: PartitionHistory | undefined, sample: LagSample): PartitionHistory {
  const { samples, commits } = history ?? { samples: [], commits: [] };
  return {
    samples: [...samples, sample].slice(-windowSamples),
    commits: isCommit(commits.at(-1), sample) ? [...commits, sample].slice(-windowSamples) : commits,
  };
}
