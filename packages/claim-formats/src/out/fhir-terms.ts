/** Code systems of FHIR R4 and of the CARIN Blue Button implementation guide (C4BB). */
export const systems = {
  adjudication: 'http://terminology.hl7.org/CodeSystem/adjudication',
  c4bbAdjudication: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication',
  c4bbDiscriminator: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator',
  c4bbPayerStatus: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayerAdjudicationStatus',
  c4bbIdentifierType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType',
  c4bbSupportingInfo: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType',
  c4bbDiagnosisType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimDiagnosisType',
  claimType: 'http://terminology.hl7.org/CodeSystem/claim-type',
  diagnosisType: 'http://terminology.hl7.org/CodeSystem/ex-diagnosistype',
  carc: 'https://x12.org/codes/claim-adjustment-reason-codes',
  rarc: 'https://x12.org/codes/remittance-advice-remark-codes',
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  revenue: 'https://www.nubc.org/CodeSystem/RevenueCodes',
  placeOfService: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  relatedClaim: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship',
  absent: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
} as const;

/** The amounts of C4BB with the system that defines each. */
export const amountSystems = {
  submitted: systems.adjudication,
  eligible: systems.adjudication,
  deductible: systems.adjudication,
  copay: systems.adjudication,
  benefit: systems.adjudication,
  coinsurance: systems.c4bbAdjudication,
  noncovered: systems.c4bbAdjudication,
  priorpayerpaid: systems.c4bbAdjudication,
  paidtoprovider: systems.c4bbAdjudication,
  paidbypatient: systems.c4bbAdjudication,
  memberliability: systems.c4bbAdjudication,
  discount: systems.c4bbAdjudication,
} as const;

export type AmountCategory = keyof typeof amountSystems;

export interface Coding {
  readonly system: string;
  readonly code: string;
}
export interface CodeableConcept {
  readonly coding: readonly Coding[];
}
export interface Money {
  readonly value: number;
  readonly currency: 'USD';
}

export const concept = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] });

/** Dollars with two decimals, as FHIR writes money; exact for every amount below 90 trillion dollars. */
export const moneyOf = (cents: number): Money => ({ value: Number((cents / 100).toFixed(2)), currency: 'USD' });

/** The cents of a FHIR amount. */
export const centsOfMoney = ({ value }: Money): number => Math.round(value * 100);
