import type { ParsedClaim, ParsedLine, ParsedPerson } from '@vigil/claim-formats';

/** 2024-03-15 in days since 1970-01-01: 19,797 days. */
export const serviceDay = Date.UTC(2024, 2, 15) / 86_400_000;

export const aPerson = (change: Partial<ParsedPerson> = {}): ParsedPerson => ({
  id: 'PAT_12345',
  lastName: '',
  firstName: '',
  birthDate: null,
  sex: 'unknown',
  address: '',
  zip: '',
  ...change,
});

export const aLine = (change: Partial<ParsedLine> = {}): ParsedLine => ({
  line: 1,
  procedureCode: '99213',
  revenueCode: '',
  modifiers: [],
  unitsThousandths: 1000,
  unitBasis: 'UN',
  chargeCents: 15_000,
  placeOfService: '',
  diagnosisPointers: [],
  serviceFrom: null,
  serviceTo: null,
  renderingProviderId: '',
  priorPaidCents: null,
  ...change,
});

/** The customer's example, as its reader gives it. */
export const aClaim = (change: Partial<ParsedClaim> = {}): ParsedClaim => ({
  format: 'json',
  claimId: 'CLM_789012',
  scope: '',
  claimType: 'professional',
  frequency: 'original',
  originalClaimId: null,
  patient: aPerson(),
  subscriber: aPerson(),
  relationship: 'self',
  policyNumber: 'POL_123456',
  groupNumber: 'GRP_789',
  coverageType: 'primary',
  payerId: '',
  providerId: 'PROV_001',
  providerIdType: 'local',
  renderingProviderId: '',
  serviceFrom: serviceDay,
  serviceTo: serviceDay,
  receivedOn: null,
  placeOfService: '',
  typeOfBill: '',
  drg: '',
  priorAuthorization: '',
  diagnosisCodes: [],
  totalCents: 15_000,
  lines: [aLine()],
  priorPayers: [],
  problems: [],
  ...change,
});
