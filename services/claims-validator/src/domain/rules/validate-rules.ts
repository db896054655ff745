import type { ClaimSubmitted } from '@vigil/contracts';
import type { ClaimCase, LineCase } from '../claim-case.ts';
import { isNpi } from '../npi.ts';
import { claimRule, listingRule, noFindings, type Finding, type Rule } from './rule.ts';

const workflow = 'workflows/definitions/claims_processing_workflow.yaml, validate_claims';
const guide = 'X12 005010X222A1 and 005010X223A2';

/** Problems that the reader of the format told, in the order in which it did. */
function toldProblems(at: ClaimCase, code: string, atWorkflow: boolean): readonly Finding[] {
  if (at.claim.problems.length === 0) return noFindings;
  return at.claim.problems
    .filter((problem) => problem.code === code && (problem.level === 'workflow') === atWorkflow)
    .map(({ field, line }) => ({ detail: '', field, line }));
}

/** What was told goes before what is found here: it names the field as the sender knows it. */
const toldOr = (told: readonly Finding[], find: () => readonly Finding[]): readonly Finding[] => (told.length > 0 ? told : find());

/** A line of which nothing is told is told as that, not once for each of its fields. */
const isToldEmpty = ({ line }: LineCase, { claim }: ClaimCase): boolean =>
  claim.problems.some((problem) => problem.code === 'EMPTY_LINE' && problem.line === line.line);

/** Every line of which something holds that may not be. */
function linesThat(at: ClaimCase, field: string, holds: (line: LineCase) => boolean): readonly Finding[] {
  let findings: Finding[] | undefined;
  for (const line of at.lines)
    if (holds(line) && !isToldEmpty(line, at)) (findings ??= []).push({ detail: '', field, line: line.line.line });
  return findings ?? noFindings;
}

/** Names of the workflow's fields that a claim can lack once it has been read. */
const missing: Readonly<Record<string, (claim: ClaimSubmitted) => boolean>> = {
  claim_id: ({ claimId }) => claimId === '',
  patient_id: ({ patientToken }) => patientToken === '',
  provider_id: ({ providerId }) => providerId === '',
  service_date: ({ serviceFrom }) => serviceFrom === null,
  services: ({ lines }) => lines.length === 0,
};

function isMissing(field: string, at: ClaimCase): boolean {
  if (missing[field]?.(at.claim) !== true) return false;
  // An unreadable date is there: that is the rule of the date format.
  return field !== 'service_date' || toldProblems(at, 'DATE_FORMAT', true).length === 0;
}

function findMissingFields(at: ClaimCase): readonly Finding[] {
  const told = toldProblems(at, 'REQUIRED_FIELD', true);
  if (told.length > 0) return told;
  let findings: Finding[] | undefined;
  for (const field of at.settings.requiredFields) if (isMissing(field, at)) (findings ??= []).push({ detail: field, field });
  return findings ?? noFindings;
}

/** Of a claim that is out of range as a whole the lines are not asked. */
function findAmountsOutOfRange(at: ClaimCase): readonly Finding[] {
  const { leastCents, mostCents } = at.settings;
  const isOutside = (cents: number): boolean => cents < leastCents || cents > mostCents;
  return toldOr(toldProblems(at, 'AMOUNT_RANGE', true), () =>
    isOutside(at.claim.totalCents)
      ? [{ detail: `${leastCents} to ${mostCents} cents`, field: 'total_amount' }]
      : linesThat(at, 'services.amount', ({ line }) => isOutside(line.chargeCents)),
  );
}

const unreadable = new Set(['BAD_AMOUNT', 'BAD_UNITS', 'EMPTY_LINE']);

/** Amounts or units of which the reader could make nothing, so that no sum says anything. */
const isUnreadable = (at: ClaimCase): boolean => at.claim.problems.some(({ level, code }) => level !== 'workflow' && unreadable.has(code));

/** A claim without lines has nothing to add up. */
function findTotalMismatch(at: ClaimCase): readonly Finding[] {
  let sum = 0;
  for (const { line } of at.lines) sum += line.chargeCents;
  if (sum === at.claim.totalCents || at.lines.length === 0) return noFindings;
  return [{ detail: `lines ${sum}, total ${at.claim.totalCents} cents`, field: 'total_amount' }];
}

/** Fractions are for what is measured: minutes, and drugs given in part. */
function hasBadUnits({ line }: LineCase): boolean {
  const fraction = line.unitsThousandths % 1000 !== 0 && line.unitBasis !== 'MJ';
  const drug = line.procedureCode.startsWith('J') || line.procedureCode.startsWith('Q');
  return line.unitsThousandths <= 0 || (fraction && !drug);
}

const pointsNowhere = ({ line }: LineCase, { claim }: ClaimCase): boolean => {
  for (const pointer of line.diagnosisPointers) if (pointer < 1 || pointer > claim.diagnosisCodes.length) return true;
  return false;
};

function findReversedDates(at: ClaimCase): readonly Finding[] {
  const { serviceFrom, serviceTo } = at.claim;
  if (serviceFrom !== null && serviceTo !== null && serviceTo < serviceFrom) return [{ detail: '', field: 'service_date' }];
  return linesThat(at, 'service_date', ({ line, day, dated }) => line.serviceTo !== null && dated && line.serviceTo < day);
}

const ofWorkflow = new Set(['REQUIRED_FIELD', 'AMOUNT_RANGE', 'DATE_FORMAT']);
/** Told by the reader, and found by rules of their own. */
const ofSnip = new Set(['BAD_AMOUNT', 'BAD_UNITS', 'TOTAL_MISMATCH', 'NO_LINES', 'EMPTY_LINE', 'ORIGINAL_CLAIM_MISSING']);

const unprocessable = ['MA130'];

/** Remarks by the field that was told; any other is told that the claim cannot be processed as it stands. */
const remarks: Readonly<Record<string, readonly string[]>> = {
  'HI*ABK': ['M76'],
  'DTP*472': ['M52'],
  'DTP*434': ['MA31'],
  'DTP*435': ['MA40'],
  'DTP*439': ['N305'],
  LX: ['N61'],
  services: ['N61'],
};

/** What a rule of its own tells: the line has no day, not even the claim's. */
const isUndated = (number: number, { lines }: ClaimCase): boolean => lines.some(({ line, dated }) => line.line === number && !dated);

/** Anything else that reading told: nothing that was told may be without consequence. */
function findOtherProblems(at: ClaimCase): readonly Finding[] {
  if (at.claim.problems.length === 0) return noFindings;
  return at.claim.problems
    .filter(({ level, code, field }) => !(level === 'workflow' ? ofWorkflow : ofSnip).has(code) && field !== 'NM1*85')
    .filter(({ field, line }) => field !== 'DTP*472' || !isUndated(line, at))
    .map(({ field, line }) => ({ detail: '', field, line, rarc: remarks[field] ?? unprocessable }));
}

const snip = { step: 1, group: 'CO', carc: '16' } as const;

const isBadNpi = (id: string, { claim, settings }: ClaimCase): boolean =>
  id !== '' && claim.providerIdType === 'npi' && !isNpi(id, settings.npiFirstDigits);

function findBadRendering(at: ClaimCase): readonly Finding[] {
  if (isBadNpi(at.claim.renderingProviderId, at)) return [{ detail: '', field: 'rendering_provider' }];
  return linesThat(at, 'rendering_provider', ({ line }) => isBadNpi(line.renderingProviderId, at));
}

const provider: Finding = { detail: '', field: 'provider_id' };
const policy: Finding = { detail: '', field: 'insurance_info.policy_number' };
const services: Finding = { detail: '', field: 'services' };

/** Steps 0 to 2: what can be judged by looking at the claim alone. */
export const validateRules: readonly Rule[] = [
  listingRule(
    { code: 'REQUIRED_FIELD', name: 'A field is missing that the workflow requires', step: 0, source: workflow },
    findMissingFields,
  ),
  listingRule({ code: 'DATE_FORMAT', name: 'A date is not written as the workflow says', step: 0, source: workflow }, (at) =>
    toldProblems(at, 'DATE_FORMAT', true),
  ),
  listingRule(
    { code: 'AMOUNT_RANGE', name: 'The total or a line’s charge is out of the workflow’s range', step: 0, source: workflow },
    findAmountsOutOfRange,
  ),

  listingRule(
    { ...snip, code: 'BAD_AMOUNT', name: 'An amount is no number of cents', rarc: ['M79'], source: `${guide}, SV102 and SV203` },
    (at) => toldProblems(at, 'BAD_AMOUNT', false),
  ),
  listingRule(
    { ...snip, code: 'NEGATIVE_AMOUNT', name: 'A line’s charge is below zero', rarc: ['M79'], source: `${guide}, SV102 and SV203` },
    (at) => linesThat(at, 'services.amount', ({ line }) => line.chargeCents < 0),
  ),
  listingRule(
    {
      ...snip,
      code: 'BAD_UNITS',
      name: 'Units are zero, negative, or a fraction of what is counted whole',
      rarc: ['M53'],
      source: `${guide}, SV104 and SV205`,
    },
    (at) => toldOr(toldProblems(at, 'BAD_UNITS', false), () => linesThat(at, 'services.units', hasBadUnits)),
  ),
  listingRule(
    {
      ...snip,
      code: 'TOTAL_MISMATCH',
      name: 'The lines do not add up to the total',
      rarc: ['M54'],
      source: `SNIP level 3; ${guide}, CLM02`,
    },
    (at) => (isUnreadable(at) ? noFindings : toldOr(toldProblems(at, 'TOTAL_MISMATCH', false), () => findTotalMismatch(at))),
  ),
  claimRule(
    {
      ...snip,
      code: 'NO_LINES',
      name: 'The claim has no service; its decision has one line without a code',
      rarc: ['M51'],
      source: `${guide}, loop 2400`,
    },
    ({ lines }) => (lines.length === 0 ? services : null),
  ),
  listingRule(
    { ...snip, code: 'EMPTY_LINE', name: 'A line tells nothing of a service', rarc: ['M51'], source: `${guide}, loop 2400` },
    (at) => toldProblems(at, 'EMPTY_LINE', false),
  ),
  listingRule({ ...snip, code: 'MISSING_SERVICE_DATE', name: 'A service has no day', rarc: ['M52'], source: `${guide}, DTP*472` }, (at) =>
    linesThat(at, 'service_date', ({ dated }) => !dated),
  ),
  listingRule(
    { ...snip, code: 'DATES_REVERSED', name: 'A service ends before it begins', rarc: ['M59'], source: `${guide}, DTP*472` },
    findReversedDates,
  ),
  listingRule(
    {
      ...snip,
      code: 'MISSING_PROCEDURE',
      name: 'A line has neither procedure nor revenue code',
      rarc: ['M20'],
      source: `${guide}, SV101 and SV201`,
    },
    (at) => linesThat(at, 'services.procedure_code', ({ code }) => code === ''),
  ),
  listingRule(
    {
      ...snip,
      code: 'BAD_POINTER',
      name: 'A line points to a diagnosis that the claim does not have',
      rarc: ['M76'],
      source: `${guide}, SV107`,
    },
    (at) => linesThat(at, 'services.diagnosis_pointers', (line) => pointsNowhere(line, at)),
  ),
  claimRule(
    { ...snip, code: 'MISSING_POLICY', name: 'No policy is given', rarc: ['N382'], source: `${guide}, 2010BA NM109` },
    ({ claim }) => (claim.policyToken === '' ? policy : null),
  ),
  listingRule(
    {
      ...snip,
      code: 'ORIGINAL_CLAIM_MISSING',
      name: 'A replacement or void does not say of what',
      rarc: ['M47'],
      source: `${guide}, REF*F8`,
    },
    (at) => toldProblems(at, 'ORIGINAL_CLAIM_MISSING', false),
  ),
  listingRule(
    {
      ...snip,
      code: 'OTHER_PROBLEM',
      name: 'Reading the claim told another problem of SNIP levels 1 to 7',
      rarc: ['MA130'],
      source: 'SNIP levels',
    },
    findOtherProblems,
  ),

  claimRule(
    {
      code: 'PROVIDER_MISSING',
      name: 'No billing provider',
      step: 2,
      group: 'CO',
      carc: '206',
      rarc: ['N257'],
      source: 'CARC 206; 45 CFR 162.410',
    },
    ({ claim }) => (claim.providerId === '' ? provider : null),
  ),
  claimRule(
    {
      code: 'NPI_INVALID',
      name: 'The billing NPI has not ten digits, a wrong first one or a wrong check digit',
      step: 2,
      group: 'CO',
      carc: '207',
      rarc: ['N257'],
      source: 'CMS, NPI check digit; CARC 207',
    },
    (at) => (isBadNpi(at.claim.providerId, at) ? provider : null),
  ),
  listingRule(
    {
      code: 'RENDERING_NPI_INVALID',
      name: 'The rendering NPI is no NPI',
      step: 2,
      group: 'CO',
      carc: '207',
      rarc: ['N290'],
      source: 'CMS, NPI check digit; CARC 207',
    },
    findBadRendering,
  ),
];
