import { topics } from '@vigil/contracts';
import { ageOn } from '../calendar.ts';
import { noteVersion, type ClaimCase, type LineCase } from '../claim-case.ts';
import { isDiagnosisCode, isModifier, isPlaceOfService, isRevenueCode, procedureSystemOf } from '../code-formats.ts';
import { judgeEdit } from './judge-edit.ts';
import { found, lineRule, type Finding, type Rule } from './rule.ts';

/** Whether a code set, where one is loaded, has the code on the line's day. */
function isValid(system: string, code: string, { line, at }: { readonly line: LineCase; readonly at: ClaimCase }): boolean {
  const { reference } = at.world;
  const row = reference.code(system, code, line.day);
  if (row === undefined) return !reference.knowsSystem(system);
  noteVersion(at, topics.codeChanged.name, row.version);
  return true;
}

const findRevenueCode = (line: LineCase, at: ClaimCase): Finding | null => {
  const { revenueCode } = line.line;
  return revenueCode === '' || (isRevenueCode(revenueCode) && isValid('revenue', revenueCode, { line, at }))
    ? null
    : { detail: '', field: 'services.revenue_code' };
};

const findProcedureCode = (line: LineCase, at: ClaimCase): Finding | null => {
  const { procedureCode } = line.line;
  if (procedureCode === '') return null;
  const system = procedureSystemOf(procedureCode);
  return system !== '' && isValid(system, procedureCode, { line, at }) ? null : found;
};

const findModifier = (line: LineCase, at: ClaimCase): Finding | null => {
  for (const modifier of line.line.modifiers) if (!isModifier(modifier) || !isValid('modifier', modifier, { line, at })) return found;
  return null;
};

/** The diagnoses that a line points to; without pointers all of the claim. */
export function diagnosesOf(line: LineCase, at: ClaimCase): readonly string[] {
  const { diagnosisCodes } = at.claim;
  const { diagnosisPointers } = line.line;
  return diagnosisPointers.length === 0 ? diagnosisCodes : diagnosisPointers.map((pointer) => diagnosisCodes[pointer - 1] ?? '');
}

const findDiagnosis = (line: LineCase, at: ClaimCase): Finding | null => {
  for (const code of diagnosesOf(line, at)) if (!isDiagnosisCode(code) || !isValid('icd-10-cm', code, { line, at })) return found;
  return null;
};

const findPlace = (line: LineCase, at: ClaimCase): Finding | null =>
  line.place === '' || (isPlaceOfService(line.place) && isValid('place-of-service', line.place, { line, at })) ? null : found;

/** More than what the table says: the same modifier twice is no combination. */
const findModifierConflict = (line: LineCase, at: ClaimCase): Finding | null => {
  const { modifiers } = line.line;
  if (modifiers.length > 1 && new Set(modifiers).size < modifiers.length) return { detail: 'twice the same', rarc: ['N519'] };
  for (const modifier of modifiers) {
    const finding = judgeEdit('modifier', { line, at }, ({ other }) => other === modifier);
    if (finding !== null) return finding;
  }
  return null;
};

const findPlaceConflict = (line: LineCase, at: ClaimCase): Finding | null =>
  line.place === '' ? null : judgeEdit('place-of-service', { line, at }, ({ other }) => other === line.place);

const findAgeConflict = (line: LineCase, at: ClaimCase): Finding | null => {
  const birth = at.member.birthDate;
  if (birth === null) return null;
  const { day } = line;
  return judgeEdit('age', { line, at }, ({ least, most }) => {
    const age = ageOn(day, birth);
    return age >= (least ?? 0) && (most === null || age <= most);
  });
};

const findSexConflict = (line: LineCase, at: ClaimCase): Finding | null => {
  const { sex } = at.member;
  return sex === 'female' || sex === 'male' ? judgeEdit('sex', { line, at }, ({ other }) => other === sex) : null;
};

/** Judged only where a diagnosis was given: the customer's JSON need not have any. */
export function judgeDiagnoses(edit: string, line: LineCase, at: ClaimCase): Finding | null {
  if (at.claim.diagnosisCodes.length === 0) return null;
  return judgeEdit(edit, { line, at }, ({ other }) => {
    for (const code of diagnosesOf(line, at)) if (code.startsWith(other)) return true;
    return false;
  });
}

const conflict = { step: 10, group: 'CO', source: '' } as const;
const edits = (edit: string, carc: string): string => `edit table ${edit}; CARC ${carc}`;

/** Steps 9 and 10: whether the codes are codes on the day of service, and go together. */
export const codeRules: readonly Rule[] = [
  lineRule(
    {
      code: 'REVENUE_CODE_INVALID',
      name: 'The revenue code is none on the day of service',
      step: 9,
      group: 'CO',
      carc: '16',
      rarc: ['M50'],
      source: 'NUBC; SNIP level 5',
    },
    findRevenueCode,
  ),
  lineRule(
    {
      code: 'PLACE_INVALID',
      name: 'The place of service is none on the day of service',
      step: 9,
      group: 'CO',
      carc: '16',
      rarc: ['M77'],
      source: 'CMS place of service code set; SNIP level 5',
    },
    findPlace,
  ),
  lineRule(
    {
      code: 'PROCEDURE_INVALID',
      name: 'The procedure code is none on the day of service',
      step: 9,
      group: 'CO',
      carc: '181',
      rarc: ['N56'],
      source: 'CARC 181; 45 CFR 162.1002',
    },
    findProcedureCode,
  ),
  lineRule(
    {
      code: 'MODIFIER_INVALID',
      name: 'A modifier is none on the day of service',
      step: 9,
      group: 'CO',
      carc: '182',
      source: 'CARC 182; 45 CFR 162.1002',
    },
    findModifier,
  ),
  lineRule(
    {
      code: 'DIAGNOSIS_INVALID',
      name: 'A diagnosis that the line points to is none on the day of service',
      step: 9,
      group: 'CO',
      carc: '146',
      source: 'CARC 146; 45 CFR 162.1002',
    },
    findDiagnosis,
  ),
  lineRule(
    {
      ...conflict,
      code: 'MODIFIER_CONFLICT',
      name: 'A modifier does not go with the procedure, or stands twice',
      carc: '4',
      source: edits('modifier', '4'),
    },
    findModifierConflict,
  ),
  lineRule(
    {
      ...conflict,
      code: 'PLACE_CONFLICT',
      name: 'The procedure is not done in that place',
      carc: '5',
      source: edits('place-of-service', '5'),
    },
    findPlaceConflict,
  ),
  lineRule(
    { ...conflict, code: 'AGE_CONFLICT', name: 'The procedure is not for a patient of that age', carc: '6', source: edits('age', '6') },
    findAgeConflict,
  ),
  lineRule(
    { ...conflict, code: 'SEX_CONFLICT', name: 'The procedure is not for a patient of that sex', carc: '7', source: edits('sex', '7') },
    findSexConflict,
  ),
  lineRule(
    {
      ...conflict,
      code: 'DIAGNOSIS_CONFLICT',
      name: 'No diagnosis of the line goes with the procedure, or one is forbidden',
      carc: '11',
      source: edits('diagnosis-procedure', '11'),
    },
    (line, at) => judgeDiagnoses('diagnosis-procedure', line, at),
  ),
];
