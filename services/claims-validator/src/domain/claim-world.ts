import type {
  CodeChanged,
  EditChanged,
  FeeScheduleChanged,
  MemberChanged,
  PendReason,
  PlanChanged,
  ProviderChanged,
  ReviewDecided,
} from '@vigil/contracts';

/** Days since 1970-01-01. */
export type Day = number;

/**
 * What the adjudication of one claim may look at and change: the whole world of `domain/`. Everything is as of what is known
 * at the time of the decision; `day` arguments choose the version that is in force on a day.
 */
export interface ClaimWorld {
  /** Day of the decision, from the record's ingestion time, so that a replay decides the same. */
  readonly today: Day;
  /** The latest version of the claim's member; undefined = unknown. */
  readonly member: MemberChanged | undefined;
  readonly reference: ReferenceBook;
  readonly accumulators: AccumulatorBook;
  readonly history: ClaimHistory;
  /** What a person decided about this claim; undefined = nobody did. */
  readonly review: ReviewDecided | undefined;
  /** What that person was asked. */
  readonly asked: readonly PendReason[];
  /** Pend reasons of all reviews of this submission that were released, the present one included: they pend no more. */
  readonly lookedAt: readonly PendReason[];
}

/** Effective-dated reference data: of the rows in force on `day` that with the greatest version. */
export interface ReferenceBook {
  provider(providerId: string, day: Day): ProviderChanged | undefined;
  /** The same object for the same version: what is made of it is kept by it. */
  plan(planId: string, day: Day): PlanChanged | undefined;
  /** The price of the first modifier that has one of its own, else that of the code alone. */
  price(scheduleId: string, code: string, of: { readonly modifiers: readonly string[]; readonly day: Day }): FeeScheduleChanged | undefined;
  code(system: string, code: string, day: Day): CodeChanged | undefined;
  /** Whether any code of the system was ever loaded: an empty code set refuses nothing. */
  knowsSystem(system: string): boolean;
  /**
   * Rows of an edit table for a procedure. Of `age`, `sex`, `place-of-service`, `modifier`, `provider-type`,
   * `diagnosis-procedure` and `necessity` rows those with `allowed` list what may be, the others forbid. `ncci-ptp`: the
   * procedure is column one, `other` column two. `bundle`: the procedure is the part, `other` the whole (`*` = always a part).
   */
  edits(edit: string, code: string, day: Day): readonly EditChanged[];
}

/** One pot of an accumulator: what was counted so far against a limit of a plan year (or, with planYear 0, of a life). */
export interface AccumulatorKey {
  /** Member token; the policy token for a family pot. */
  readonly owner: string;
  readonly planId: string;
  readonly planYear: number;
  readonly network: 'in' | 'out';
  /** `deductible`, `out-of-pocket`, `visits:<benefit>`, `money:<benefit>`, `authorization:<number>:<code>:<first day>`. */
  readonly pot: string;
}

/** Changes are part of the batch: they are committed with the decision or not at all. */
export interface AccumulatorBook {
  of(key: AccumulatorKey): number;
  add(key: AccumulatorKey, amount: number): void;
}

/** One service that was decided before, by any claim of the policy that was not taken back. */
export interface KnownService {
  readonly claimId: string;
  readonly scope: string;
  readonly submissionId: string;
  readonly line: number;
  readonly providerId: string;
  /** Who rendered it; empty = the billing provider. */
  readonly renderingProviderId: string;
  readonly procedureCode: string;
  readonly revenueCode: string;
  readonly modifiers: readonly string[];
  readonly serviceFrom: Day;
  readonly unitsThousandths: number;
  readonly chargeCents: number;
  readonly paidCents: number;
  readonly denied: boolean;
}

export interface ClaimHistory {
  /** Services of a member on a day, of other submissions than the one at hand. */
  services(memberToken: string, day: Day): readonly KnownService[];
}
