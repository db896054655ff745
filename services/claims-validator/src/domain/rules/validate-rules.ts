import type { ClaimSubmitted } from '@vigil/contracts';
import type { ClaimCase } from '../claim-case.ts';
import { isNpi } from '../npi.ts';
import { claimRule, found, type Finding, type Rule } from './rule.ts';

const workflow = 'workflows/definitions/claims_processing_workflow.yaml, validate_claims';
const guide = 'X12 005010X222A1 and 005010X223A2';

/** A problem that the reader of the format told; of a line it concerns that line first. */
function toldProblem(at: ClaimCase, code: string, atWorkflow: boolean): Finding | null {
  for (const problem of at.claim.problems) {
    if (problem.code === code && (problem.level === 'workflow') === atWorkflow) {
      return { detail: '', field: problem.field, line: problem.line };
    }
  }
  return null;
}

/** Names of the workflow's fields that a claim can lack once it has been read. */
const missing: Readonly<Record<string, (claim: ClaimSubmitted) => boolean>> = {
  claim_id: ({ claimId }) => claimId === '',
  patient_id: ({ patientToken }) => patientToken === '',
  provider_id: ({ providerId }) => providerId === '',
  service_date: ({ serviceFrom }) => serviceFrom === null,
  services: ({ lines }) => lines.length === 0,
};

function findMissingField(at: ClaimCase): Finding | null {
  const told = toldProblem(at, 'REQUIRED_FIELD', true);
  if (told !== null) return told;
  for (const field of at.settings.requiredFields) {
    // An unreadable date is there: that is the rule of the date format.
    if (missing[field]?.(at.claim) === true && !(field === 'service_date' && toldProblem(at, 'DATE_FORMAT', true) !== null)) {
      return { detail: field, field };
    }
  }
  return null;
}

function findAmountOutOfRange(at: ClaimCase): Finding | null {
  const told = toldProblem(at, 'AMOUNT_RANGE', true);
  if (told !== null) return told;
  const { leastCents, mostCents } = at.settings;
  const { totalCents } = at.claim;
  if (totalCents < leastCents || totalCents > mostCents) return { detail: `${leastCents} to ${mostCents} cents`, field: 'total_amount' };
  for (const { line } of at.lines) {
    if (line.chargeCents < leastCents || line.chargeCents > mostCents) {
      return { detail: `${leastCents} to ${mostCents} cents`, field: 'services.amount', line: line.line };
    }
  }
  return null;
}

function findTotalMismatch(at: ClaimCase): Finding | null {
  let sum = 0;
  for (const { line } of at.lines) sum += line.chargeCents;
  return sum === at.claim.totalCents ? null : { detail: `lines ${sum}, total ${at.claim.totalCents} cents`, field: 'total_amount' };
}

/** Fractions are for what is measured: minutes, and drugs given in part. */
function findBadUnits(at: ClaimCase): Finding | null {
  for (const { line } of at.lines) {
    const fraction = line.unitsThousandths % 1000 !== 0 && line.unitBasis !== 'MJ';
    const drug = line.procedureCode.startsWith('J') || line.procedureCode.startsWith('Q');
    if (line.unitsThousandths <= 0 || (fraction && !drug)) return { detail: '', field: 'services.units', line: line.line };
  }
  return null;
}

/** The first line of which something holds that may not be. */
function findLine(at: ClaimCase, field: string, holds: (line: ClaimCase['lines'][number]) => boolean): Finding | null {
  for (const line of at.lines) if (holds(line)) return { detail: '', field, line: line.line.line };
  return null;
}

function findReversedDates(at: ClaimCase): Finding | null {
  const { serviceFrom, serviceTo } = at.claim;
  if (serviceFrom !== null && serviceTo !== null && serviceTo < serviceFrom) return { detail: '', field: 'service_date' };
  return findLine(at, 'service_date', ({ line, day, dated }) => line.serviceTo !== null && dated && line.serviceTo < day);
}

const ofWorkflow = new Set(['REQUIRED_FIELD', 'AMOUNT_RANGE', 'DATE_FORMAT']);
const ofSnip = new Set(['BAD_AMOUNT', 'BAD_UNITS', 'TOTAL_MISMATCH']);

/** Anything else that reading told: nothing that was told may be without consequence. */
function findOtherProblem(at: ClaimCase): Finding | null {
  for (const { level, code, field, line } of at.claim.problems) {
    if (!(level === 'workflow' ? ofWorkflow : ofSnip).has(code)) return { detail: '', field, line };
  }
  return null;
}

const snip = { step: 1, group: 'CO', carc: '16' } as const;

const isBadNpi = (id: string, at: ClaimCase): boolean =>
  id !== '' && at.claim.providerIdType === 'npi' && !isNpi(id, at.settings.npiFirstDigits);

/** Steps 0 to 2: what can be judged by looking at the claim alone. */
export const validateRules: readonly Rule[] = [
  claimRule({ code: 'REQUIRED_FIELD', name: 'A field is missing that the workflow requires', step: 0, source: workflow }, findMissingField),
  claimRule({ code: 'DATE_FORMAT', name: 'A date is not written as the workflow says', step: 0, source: workflow }, (at) =>
    toldProblem(at, 'DATE_FORMAT', true),
  ),
  claimRule(
    { code: 'AMOUNT_RANGE', name: 'The total or a line’s charge is out of the workflow’s range', step: 0, source: workflow },
    findAmountOutOfRange,
  ),

  claimRule(
    { ...snip, code: 'BAD_AMOUNT', name: 'An amount is no number of cents', rarc: ['M79'], source: `${guide}, SV102 and SV203` },
    (at) => toldProblem(at, 'BAD_AMOUNT', false),
  ),
  claimRule(
    { ...snip, code: 'NEGATIVE_AMOUNT', name: 'A line’s charge is below zero', rarc: ['M79'], source: `${guide}, SV102 and SV203` },
    (at) => findLine(at, 'services.amount', ({ line }) => line.chargeCents < 0),
  ),
  claimRule(
    {
      ...snip,
      code: 'BAD_UNITS',
      name: 'Units are zero, negative, or a fraction of what is counted whole',
      rarc: ['M53'],
      source: `${guide}, SV104 and SV205`,
    },
    (at) => toldProblem(at, 'BAD_UNITS', false) ?? findBadUnits(at),
  ),
  claimRule(
    {
      ...snip,
      code: 'TOTAL_MISMATCH',
      name: 'The lines do not add up to the total',
      rarc: ['M54'],
      source: `SNIP level 3; ${guide}, CLM02`,
    },
    (at) => toldProblem(at, 'TOTAL_MISMATCH', false) ?? findTotalMismatch(at),
  ),
  claimRule({ ...snip, code: 'NO_LINES', name: 'The claim has no service', rarc: ['M51'], source: `${guide}, loop 2400` }, (at) =>
    at.lines.length === 0 ? found : null,
  ),
  claimRule({ ...snip, code: 'MISSING_SERVICE_DATE', name: 'A service has no day', rarc: ['M52'], source: `${guide}, DTP*472` }, (at) =>
    findLine(at, 'service_date', ({ dated }) => !dated),
  ),
  claimRule(
    { ...snip, code: 'DATES_REVERSED', name: 'A service ends before it begins', rarc: ['M59'], source: `${guide}, DTP*472` },
    findReversedDates,
  ),
  claimRule(
    {
      ...snip,
      code: 'MISSING_PROCEDURE',
      name: 'A line has neither procedure nor revenue code',
      rarc: ['M20'],
      source: `${guide}, SV101 and SV201`,
    },
    (at) => findLine(at, 'services.procedure_code', ({ code }) => code === ''),
  ),
  claimRule(
    {
      ...snip,
      code: 'BAD_POINTER',
      name: 'A line points to a diagnosis that the claim does not have',
      rarc: ['M76'],
      source: `${guide}, SV107`,
    },
    (at) =>
      findLine(at, 'services.diagnosis_pointers', ({ line }) =>
        line.diagnosisPointers.some((pointer) => pointer < 1 || pointer > at.claim.diagnosisCodes.length),
      ),
  ),
  claimRule({ ...snip, code: 'MISSING_POLICY', name: 'No policy is given', rarc: ['N382'], source: `${guide}, 2010BA NM109` }, (at) =>
    at.claim.policyToken === '' ? { detail: '', field: 'insurance_info.policy_number' } : null,
  ),
  claimRule(
    {
      ...snip,
      code: 'OTHER_PROBLEM',
      name: 'Reading the claim told another problem of SNIP levels 1 to 7',
      rarc: ['MA130'],
      source: 'SNIP levels',
    },
    findOtherProblem,
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
    (at) => (at.claim.providerId === '' ? { detail: '', field: 'provider_id' } : null),
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
    (at) => (isBadNpi(at.claim.providerId, at) ? { detail: '', field: 'provider_id' } : null),
  ),
  claimRule(
    {
      code: 'RENDERING_NPI_INVALID',
      name: 'The rendering NPI is no NPI',
      step: 2,
      group: 'CO',
      carc: '207',
      rarc: ['N290'],
      source: 'CMS, NPI check digit; CARC 207',
    },
    (at) =>
      isBadNpi(at.claim.renderingProviderId, at)
        ? { detail: '', field: 'rendering_provider' }
        : findLine(at, 'rendering_provider', ({ line }) => isBadNpi(line.renderingProviderId, at)),
  ),
];
