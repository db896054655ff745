import { mostClaimCents } from '@vigil/contracts';

/** What adjudication takes from the workflow definition and from the service's settings. */
export interface AdjudicationSettings {
  /** Fields without which a claim goes to a person: the workflow's `required_fields`. */
  readonly requiredFields: readonly string[];
  /** The workflow's `amount_range`, for the claim and for each line. */
  readonly leastCents: number;
  readonly mostCents: number;
  /** First digits that an NPI may have: `12` are real ones, `1289` also takes the synthetic ones of CMS. */
  readonly npiFirstDigits: string;
  /** A claim that charges more is decided in review by two people; a plan's own limit goes before it. */
  readonly secondPersonAboveCents: number;
}

/** The limits of `claims_processing_workflow`, real NPIs only, and a second person above 10,000 dollars. */
export const defaultAdjudicationSettings: AdjudicationSettings = {
  requiredFields: ['claim_id', 'patient_id', 'service_date'],
  leastCents: 0,
  mostCents: mostClaimCents,
  npiFirstDigits: '12',
  secondPersonAboveCents: 1_000_000,
};
