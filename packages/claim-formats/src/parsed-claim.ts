/**
 * A claim as any of the formats tells it, identity in the clear: what a format's reader gives, and intake turns into a
 * `ClaimSubmitted`. Money is whole cents, dates are days since 1970-01-01. What could not be read is null or empty, with an
 * entry in `problems` that says so.
 */
export interface ParsedClaim {
  readonly format: ClaimFormat;
  readonly claimId: string;
  /** Within what claim ids are unique: the billing provider's identifier for X12, else empty. */
  readonly scope: string;
  readonly claimType: 'professional' | 'institutional' | 'pharmacy' | 'other';
  readonly frequency: 'original' | 'replacement' | 'void';
  readonly originalClaimId: string | null;
  readonly patient: ParsedPerson;
  /** The holder of the policy; equal to `patient` where the patient is. */
  readonly subscriber: ParsedPerson;
  readonly relationship: 'self' | 'spouse' | 'child' | 'other' | 'unknown';
  /** Empty = no policy given. */
  readonly policyNumber: string;
  readonly groupNumber: string;
  readonly coverageType: 'primary' | 'secondary' | 'tertiary';
  readonly payerId: string;
  readonly providerId: string;
  readonly providerIdType: 'npi' | 'local';
  readonly renderingProviderId: string;
  readonly serviceFrom: number | null;
  readonly serviceTo: number | null;
  /** What the sender told; null = not told. */
  readonly receivedOn: number | null;
  readonly placeOfService: string;
  readonly typeOfBill: string;
  readonly drg: string;
  readonly priorAuthorization: string;
  /** ICD-10-CM without the dot, principal first, as sent. */
  readonly diagnosisCodes: readonly string[];
  readonly totalCents: number;
  readonly lines: readonly ParsedLine[];
  readonly priorPayers: readonly ParsedPriorPayer[];
  readonly problems: readonly ParsedProblem[];
}

export type ClaimFormat = 'json' | 'x12-837p' | 'x12-837i' | 'cms-rif' | 'cms-eob';

export interface ParsedPerson {
  /** Identifier at the sender: `patient_id` of JSON, the member id of X12, the beneficiary of CMS; empty = none. */
  readonly id: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly birthDate: number | null;
  readonly sex: 'female' | 'male' | 'other' | 'unknown';
  readonly address: string;
  readonly zip: string;
}

export interface ParsedLine {
  readonly line: number;
  readonly procedureCode: string;
  readonly revenueCode: string;
  readonly modifiers: readonly string[];
  readonly unitsThousandths: number;
  readonly unitBasis: 'UN' | 'MJ' | 'DA';
  /** Charge of the whole line. */
  readonly chargeCents: number;
  readonly placeOfService: string;
  readonly diagnosisPointers: readonly number[];
  readonly serviceFrom: number | null;
  readonly serviceTo: number | null;
  readonly renderingProviderId: string;
  readonly priorPaidCents: number | null;
}

export interface ParsedPriorPayer {
  readonly payerId: string;
  readonly sequence: 'P' | 'S' | 'T';
  readonly allowedCents: number | null;
  readonly paidCents: number;
  readonly patientCents: number | null;
  readonly adjustments: readonly { readonly line: number; readonly group: string; readonly carc: string; readonly cents: number }[];
}

export interface ParsedProblem {
  readonly level: 'workflow' | '1' | '2' | '3' | '4' | '5' | '6' | '7';
  /** `REQUIRED_FIELD`, `DATE_FORMAT`, `BAD_AMOUNT`, `BAD_UNITS`, …: the rules of docs/reference/claim-rules.md. */
  readonly code: string;
  readonly field: string;
  /** Service line, from 1; 0 = the claim as a whole. */
  readonly line: number;
}
