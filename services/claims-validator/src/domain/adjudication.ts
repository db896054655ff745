import type { AdjudicatedLine, LineReason, PendReason } from '@vigil/contracts';

/** The four tasks of the workflow, in their order: where in them a claim came to its end is told by the ledger. */
export type SubStage = 'validate' | 'enrich' | 'coverage' | 'adjudicate';

/** What every adjudication tells; the fields have the names and meanings of `ClaimAdjudicated`. */
interface AdjudicationFacts {
  /** The sub-stage in which it was pended, in which its last line was denied, or `adjudicate` for a paid claim. */
  readonly endedIn: SubStage;
  /** From reference data; empty = no plan found. */
  readonly payerId: string;
  readonly planId: string;
  readonly planYear: number | null;
  readonly network: '' | 'in' | 'out';
  readonly providerType: string;
  /** Empty where it is no code. */
  readonly placeOfService: string;
  /** Only such as have the form of a code. */
  readonly diagnosisCodes: readonly string[];
  /** Greatest version used, by reference topic. */
  readonly referenceVersions: Readonly<Record<string, number>>;
  /** Sums over the lines, in cents. */
  readonly chargeCents: number;
  readonly allowedCents: number;
  readonly paidCents: number;
  readonly patientCents: number;
  readonly lines: readonly AdjudicatedLine[];
  readonly claimReasons: readonly LineReason[];
}

export interface DecidedAdjudication extends AdjudicationFacts {
  /** `paid`: at least one line was not denied, also where nothing is left to pay. */
  readonly outcome: 'paid' | 'denied';
  readonly pendReasons: readonly [];
}

/** A person has to look: it moves no money, so it has no lines and all cents are 0. */
export interface PendedAdjudication extends AdjudicationFacts {
  readonly outcome: 'pended';
  readonly pendReasons: readonly PendReason[];
}

export type Adjudication = DecidedAdjudication | PendedAdjudication;
