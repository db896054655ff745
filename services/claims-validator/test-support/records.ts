import type { ParsedLine } from '@vigil/claim-formats';
import { schemas, type AvroSchema, type ClaimLine, type ClaimSubmitted } from '@vigil/contracts';

/** Days since 1970-01-01. */
export const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

interface DefaultedFields {
  readonly fields: readonly { readonly name: string; readonly default?: unknown }[];
}

/** A whole record of which only the values are told that matter: for the rest its schema has a default. */
export function aRecord<Value>(schema: AvroSchema, values: Partial<Value>): Value {
  const { fields } = schema as unknown as DefaultedFields;
  return { ...(Object.fromEntries(fields.map(({ name, default: value }) => [name, value ?? null])) as Value), ...values };
}

const visit: ClaimLine = {
  line: 1,
  procedureCode: '99213',
  revenueCode: '',
  modifiers: [],
  unitsThousandths: 1_000,
  unitBasis: 'UN',
  chargeCents: 15_000,
  placeOfService: '',
  diagnosisPointers: [],
  serviceFrom: null,
  serviceTo: null,
  renderingProviderId: '',
  priorPaidCents: null,
};

/** An office visit for 150.00: a line as readers give it, and as it is submitted. */
export const aLine = (over: Partial<ClaimLine> = {}): ParsedLine => ({ ...visit, ...over }) as ParsedLine;

/** A claim of PROV_001 for diabetes, rendered in an office; the total is that of its lines unless it is told. */
export const aSubmittedClaim = (over: Partial<ClaimSubmitted> & Pick<ClaimSubmitted, 'lines'>): ClaimSubmitted =>
  aRecord<ClaimSubmitted>(schemas.claimSubmitted, {
    providerId: 'PROV_001',
    placeOfService: '11',
    diagnosisCodes: ['E119'],
    totalCents: over.lines.reduce((sum, { chargeCents }) => sum + chargeCents, 0),
    ...over,
  });
