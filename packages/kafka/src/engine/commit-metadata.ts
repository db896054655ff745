/** A record on which our own code failed, with the number of attempts: survives a restart. */
export interface RecordFault {
  readonly topic: string;
  readonly offset: number;
  readonly attempts: number;
}

/** Free text beside a task's committed positions. */
export interface CommitMetadata {
  /** Number of the commit: two commits at one position (a tick) are told apart by it. */
  readonly commit: number;
  readonly fault: RecordFault | null;
  /** Records rejected in a row up to here. */
  readonly rejectedInARow: number;
}

export const noMetadata: CommitMetadata = Object.freeze({ commit: 0, fault: null, rejectedInARow: 0 });

/** `topicId`: of the topic that the position belongs to, so that a recreated topic is noticed. */
export const encodeMetadata = ({ commit, fault, rejectedInARow }: CommitMetadata, topicId: string | null): string =>
  JSON.stringify({ commit, ...(rejectedInARow > 0 && { rejectedInARow }), ...(fault && { fault }), ...(topicId !== null && { topicId }) });

const numberOr = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

function parseFault(value: unknown): RecordFault | null {
  if (typeof value !== 'object' || value === null) return null;
  const { topic, offset, attempts } = value as Record<string, unknown>;
  return typeof topic === 'string' && typeof offset === 'number' ? { topic, offset, attempts: numberOr(attempts, 1) } : null;
}

/** Total: text that others wrote (a position set by a tool) counts as none. */
export function decodeMetadata(text: string): CommitMetadata & { readonly topicId: string | null } {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // An empty or foreign text.
  }
  if (typeof parsed !== 'object' || parsed === null) return { ...noMetadata, topicId: null };
  const { commit, fault, rejectedInARow, topicId } = parsed as Record<string, unknown>;
  return {
    commit: numberOr(commit, 0),
    fault: parseFault(fault),
    rejectedInARow: numberOr(rejectedInARow, 0),
    topicId: typeof topicId === 'string' ? topicId : null,
  };
}
