import type { ParsedClaim, ParsedPerson } from '@vigil/claim-formats';
import { aLine, day } from './records.ts';

export const serviceDay = day('2024-03-15');

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

/** The customer's example, as its reader gives it. */
export const aParsedClaim = (change: Partial<ParsedClaim> = {}): ParsedClaim => ({
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
