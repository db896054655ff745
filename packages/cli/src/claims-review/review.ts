import { VigilError } from '@vigil/core';

export type ReviewState = 'open' | 'proposed' | 'decided' | 'published' | 'withdrawn';

export interface ReviewReason {
  readonly code: string;
  readonly field: string;
  readonly line: number;
}

/** What a person decides: to adjudicate without the reasons that were looked at, or to deny every line. */
export interface Ruling {
  readonly decision: 'release' | 'deny';
  /** CO, PR, OA or PI; empty unless denied. */
  readonly group: string;
  /** Claim adjustment reason code; empty unless denied. */
  readonly carc: string;
  /** Remark codes; empty unless denied. */
  readonly rarc: readonly string[];
  readonly reason: string;
}

export interface Proposal extends Ruling {
  readonly state: Exclude<ReviewState, 'open' | 'withdrawn'>;
  readonly needsSecond: boolean;
  readonly proposedBy: string;
  readonly confirmedBy: string | null;
  /** Milliseconds since the epoch; null while a second person has to confirm. */
  readonly decidedAtMs: number | null;
}

/** A review as the queue and the proposals tell it together. */
export interface Review {
  readonly reviewId: string;
  readonly submissionId: string;
  /** Key of the request, under which the decision is published. */
  readonly recordKey: string;
  readonly policyToken: string;
  readonly claimId: string;
  readonly reasons: readonly ReviewReason[];
  readonly chargeCents: number;
  /** Of the plan; null = the default counts. */
  readonly secondPersonCents: number | null;
  readonly requestedAtMs: number;
  /** decided: a decision was published and read back; withdrawn: a replacement or void took the claim's place. */
  readonly closed: 'decided' | 'withdrawn' | null;
  readonly proposal: Proposal | null;
}

export function stateOf({ closed, proposal }: Review): ReviewState {
  if (closed === 'withdrawn') return 'withdrawn';
  return closed === 'decided' ? 'published' : (proposal?.state ?? 'open');
}

/** A decision of one person above the limit comes back with this reason. */
const sentBack = 'SECOND_PERSON_NEEDED';

export const needsSecondPerson = ({ chargeCents, secondPersonCents, reasons }: Review, defaultCents: number): boolean =>
  chargeCents > (secondPersonCents ?? defaultCents) || reasons.some(({ code }) => code === sentBack);

const groups = ['CO', 'PR', 'OA', 'PI'];
const codeShape = /^[A-Z]{0,2}\d{1,4}$/;

export interface RulingFlags {
  readonly group?: string;
  readonly carc?: string;
  readonly rarc?: string;
  readonly reason: string;
}

/** @throws VigilError BAD_USAGE for a denial without its codes, or codes without a denial */
export function rulingOf(decision: string, { group, carc, rarc, reason }: RulingFlags): Ruling {
  const refuse = (detail: string): never => {
    throw new VigilError('BAD_USAGE', { detail });
  };
  if (decision === 'release') {
    if (group ?? carc ?? rarc) refuse('--group, --carc and --rarc go with deny.');
    return { decision, group: '', carc: '', rarc: [], reason };
  }
  if (decision !== 'deny') return refuse('A review is decided by release or deny.');
  const remarks = rarc?.split(',') ?? [];
  if (group === undefined || !groups.includes(group)) return refuse(`deny needs --group, one of ${groups.join(', ')}.`);
  if (carc === undefined || !codeShape.test(carc)) return refuse('deny needs --carc CODE, for example 50.');
  if (!remarks.every((code) => codeShape.test(code))) return refuse('--rarc takes remark codes separated by commas, for example M54,N115.');
  return { decision, group, carc, rarc: remarks, reason };
}
