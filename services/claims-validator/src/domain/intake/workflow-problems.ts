import type { ParsedClaim, ParsedProblem } from '@vigil/claim-formats';

/** The workflow's own rules: what breaks them goes to a person. Amounts in cents, both ends allowed. */
export interface WorkflowRules {
  readonly requiredFields: readonly string[];
  readonly amountCents: { readonly least: number; readonly most: number };
}

type IsTold = (claim: ParsedClaim) => boolean;

const tells =
  (textOf: (claim: ParsedClaim) => string): IsTold =>
  (claim) =>
    textOf(claim) !== '';

/** Members of the claim's JSON that a definition may require. */
const readableFields: Readonly<Record<string, IsTold>> = {
  claim_id: tells(({ claimId }) => claimId),
  patient_id: tells(({ patient }) => patient.id),
  provider_id: tells(({ providerId }) => providerId),
  service_date: ({ serviceFrom }) => serviceFrom !== null,
  policy_number: tells(({ policyNumber }) => policyNumber),
  group_number: tells(({ groupNumber }) => groupNumber),
  prior_authorization: tells(({ priorAuthorization }) => priorAuthorization),
  diagnosis_codes: ({ diagnosisCodes }) => diagnosisCodes.length > 0,
  services: ({ lines }) => lines.length > 0,
};

/** Fields of a definition that no claim could be asked for: the stage refuses to start with them. */
export const unknownRequiredFields = ({ requiredFields }: WorkflowRules): readonly string[] =>
  requiredFields.filter((field) => !Object.hasOwn(readableFields, field));

const problem = (code: string, field: string, line = 0): ParsedProblem => ({ level: 'workflow', code, field, line });

/** What is there and cannot be read is a problem already, and not missing. */
const isToldOf = (claim: ParsedClaim, field: string): boolean => claim.problems.some((known) => known.field === field && known.line === 0);

const missingFields = (claim: ParsedClaim, { requiredFields }: WorkflowRules): ParsedProblem[] =>
  requiredFields
    .filter((field) => readableFields[field]?.(claim) === false && !isToldOf(claim, field))
    .map((field) => problem('REQUIRED_FIELD', field));

function amountsOutOfRange({ totalCents, lines }: ParsedClaim, { amountCents: { least, most } }: WorkflowRules): ParsedProblem[] {
  const isOutside = (cents: number): boolean => cents < least || cents > most;
  const outside = lines.filter(({ chargeCents }) => isOutside(chargeCents)).map(({ line }) => problem('AMOUNT_RANGE', 'amount', line));
  return isOutside(totalCents) ? [problem('AMOUNT_RANGE', 'total_amount'), ...outside] : outside;
}

const isKnown = (known: readonly ParsedProblem[], { code, field, line }: ParsedProblem): boolean =>
  known.some((other) => other.code === code && other.field === field && other.line === line);

/** A reader tells of fields that most definitions require; whether this one does is for the definition to say. */
const isAskedFor = ({ code, field }: ParsedProblem, { requiredFields }: WorkflowRules): boolean =>
  code !== 'REQUIRED_FIELD' || requiredFields.includes(field);

/**
 * The problems of a claim: what its reader found, and what of it breaks the workflow's rules. The form of dates is read with
 * the dates.
 */
export function problemsOf(claim: ParsedClaim, rules: WorkflowRules): readonly ParsedProblem[] {
  const read = claim.problems.filter((each) => isAskedFor(each, rules));
  const found = [...missingFields(claim, rules), ...amountsOutOfRange(claim, rules)];
  return [...read, ...found.filter((each) => !isKnown(read, each))];
}
