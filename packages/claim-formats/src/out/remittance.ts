/** Days since 1970-01-01. */
export type Day = number;

/** What happened to the money of one charge: a CAS triple. */
export interface RemittanceAdjustment {
  /** CO, PR, OA, PI. */
  readonly group: string;
  readonly carc: string;
  /** Positive reduces the payment; negative in a reversal. */
  readonly cents: number;
}

/** One service line of a remitted claim: loop 2110. */
export interface RemittedLine {
  readonly line: number;
  /** HCPCS or CPT; empty = the code given was none. */
  readonly procedureCode: string;
  readonly revenueCode: string;
  readonly modifiers: readonly string[];
  readonly unitsThousandths: number;
  readonly serviceFrom: Day | null;
  readonly chargeCents: number;
  readonly paidCents: number;
  /** AMT*B6; null = not told. */
  readonly allowedCents: number | null;
  readonly adjustments: readonly RemittanceAdjustment[];
  readonly rarc: readonly string[];
}

/** CLP02: how the claim was processed. */
export type ClaimStatus = 'primary' | 'secondary' | 'tertiary' | 'denied' | 'reversal';

/** Whose claim it was: names, or tokens in their place. */
export interface RemittedPatient {
  readonly lastName: string;
  readonly firstName: string;
  /** NM109 with MI. */
  readonly memberId: string;
}

/** Sums of a claim, in cents. */
export interface ClaimAmounts {
  readonly chargeCents: number;
  readonly paidCents: number;
}

/** One claim of a payment: loop 2100. */
export interface RemittedClaim {
  /** CLP01, as the provider gave it. */
  readonly claimId: string;
  readonly status: ClaimStatus;
  readonly chargeCents: number;
  readonly paidCents: number;
  readonly patientCents: number;
  /** CLP07: the decision; in a reversal the decision that is taken back. */
  readonly payerControl: string;
  /** REF*F8 of a correction: the decision that a reversal before it took back. */
  readonly corrects: string | null;
  /** Of a reversal: what it takes back, where that is known. Not written. */
  readonly takesBack?: ClaimAmounts;
  readonly facility: string;
  readonly frequency: 'original' | 'replacement' | 'void';
  readonly patient: RemittedPatient;
  readonly serviceFrom: Day | null;
  readonly serviceTo: Day | null;
  readonly receivedOn: Day | null;
  /** AMT*AU; null = not told. */
  readonly allowedCents: number | null;
  /** Adjustments of the claim as a whole; ours are all on lines. */
  readonly adjustments: readonly RemittanceAdjustment[];
  readonly lines: readonly RemittedLine[];
}

/** PLB: money that belongs to no claim. Positive reduces the payment. */
export interface ProviderAdjustment {
  readonly code: string;
  readonly reference: string;
  readonly cents: number;
}

export interface RemittanceParty {
  readonly name: string;
  readonly street?: string;
  readonly city?: string;
  readonly state?: string;
  readonly zip?: string;
  /** A telephone number for questions about the payment. */
  readonly phone?: string;
}

export interface RemittancePayee {
  readonly id: string;
  readonly idType: 'npi' | 'local';
  readonly name: string;
}

/** One payment with its explanation: a transaction set ST to SE. */
export interface Remittance {
  /** TRN02: ties the payment to its explanation. */
  readonly traceNumber: string;
  readonly payerId: string;
  readonly payer: RemittanceParty;
  readonly payee: RemittancePayee;
  readonly paidOn: Day;
  /** BPR02; never negative: what would be is forwarded by PLB. */
  readonly paidCents: number;
  readonly claims: readonly RemittedClaim[];
  readonly providerAdjustments: readonly ProviderAdjustment[];
}

/** All payments of a payer in a cycle: an interchange. */
export interface RemittanceFile {
  /** ISA13, GS06: 1 to 999,999,999. */
  readonly controlNumber: number;
  readonly payerId: string;
  readonly createdAtMs: number;
  readonly usage: 'production' | 'test';
  readonly remittances: readonly Remittance[];
}
