import type { CodeableConcept, Money } from './fhir-terms.ts';

/** An adjudication of an item: an amount, or the reason of a denial. */
export interface Adjudication {
  readonly category: CodeableConcept;
  readonly reason?: CodeableConcept;
  readonly amount?: Money;
}

export interface ExplanationItem {
  readonly sequence: number;
  readonly productOrService: CodeableConcept;
  readonly adjudication: readonly Adjudication[];
  readonly [field: string]: unknown;
}

/** A FHIR R4 ExplanationOfBenefit, as far as others look into it; the rest of its fields stand beside. */
export interface ExplanationOfBenefit {
  readonly resourceType: 'ExplanationOfBenefit';
  readonly id: string;
  readonly status: 'active' | 'cancelled';
  readonly outcome: 'complete' | 'queued';
  readonly item: readonly ExplanationItem[];
  readonly total: readonly { readonly category: CodeableConcept; readonly amount: Money }[];
  readonly [field: string]: unknown;
}
