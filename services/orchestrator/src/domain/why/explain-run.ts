/** A workflow that a waiting run depends on and that is not as it must be. */
export interface UnmetNeed {
  readonly workflow: string;
  readonly isContinuous: boolean;
  /** The run that is open, else the last one that ended; null = there was none. */
  readonly holderId: string | null;
  readonly status: string | null;
}

export interface RunHolds {
  /** The open run of its schedule that it stands behind. */
  readonly holder: { readonly runId: string; readonly status: string } | null;
  readonly needs: readonly UnmetNeed[];
  readonly pause: { readonly by: string; readonly reason: string } | null;
  /** Reports of its workers that it could not take: how many, and with which code it failed. Null = none. */
  readonly kept: { readonly count: number; readonly code: string } | null;
}

const openStatuses: readonly (string | null)[] = ['waiting', 'running', 'paused', 'cancelling'];

function explainNeed({ workflow, isContinuous, holderId, status }: UnmetNeed): string {
  if (holderId === null) return `for ${workflow}, which has not run yet`;
  if (openStatuses.includes(status)) return `for run ${holderId} of ${workflow}, which is ${status}`;
  if (isContinuous) return `for ${workflow}, which must be running and whose last run ${holderId} is ${status}`;
  return `for a run of ${workflow} to succeed: the last one, ${holderId}, ${status === 'failed' ? 'has failed' : 'was cancelled'}`;
}

/** Why the run itself waits, in one sentence; null where it does not. */
export function explainRun(status: string, { holder, needs, pause, kept }: RunHolds): string | null {
  if (kept)
    return `The run cannot take what its workers reported (${kept.code}): ${kept.count} reports are kept and tried again every minute.`;
  if (status === 'waiting') {
    if (holder) return `The run is queued behind run ${holder.runId} of its schedule, which is ${holder.status}.`;
    return needs.length > 0 ? `The run waits ${needs.map(explainNeed).join(', and ')}.` : 'The run is about to begin.';
  }
  if (status !== 'paused') return null;
  return pause ? `The run was paused by ${pause.by}${pause.reason === '' ? '' : `: ${pause.reason}`}.` : 'The run is paused.';
}
