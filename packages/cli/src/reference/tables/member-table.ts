import { memberTokenOf, nameTokenOf, patientTokenOf, policyTokenOf, topics, type MemberChanged } from '@vigil/contracts';
import type { NamedKey } from '@vigil/core';
import { day, id, oneOf, orNull, text, thousandths, version, yesOrNo } from '../csv-cells.ts';
import type { CsvRead, CsvRow, RowOf } from '../read-csv.ts';
import type { ReferenceProblem } from '../reference-problem.ts';
import { spanProblems, type ReadRecords, type ReferenceRecord } from '../reference-record.ts';

export const memberColumns = {
  policy_number: id,
  patient_id: id,
  version,
  subscriber_id: id,
  relationship: oneOf('self', 'spouse', 'child', 'other'),
  last_name: text,
  first_name: text,
  birth_date: orNull(day),
  death_date: orNull(day),
  sex: oneOf('female', 'male', 'other', 'unknown'),
};

/** To which version of which member a row belongs. */
const ofMember = { policy_number: id, patient_id: id, member_version: version };
const span = { from: day, to: orNull(day) };

export const coverageColumns = { ...ofMember, ...span, plan_id: id, group_number: text };
export const otherPayerColumns = { ...ofMember, ...span, payer_id: id, primary: yesOrNo };
export const authorizationColumns = { ...ofMember, ...span, number: id, procedure_code: id, units: thousandths };

type MemberRow = RowOf<typeof memberColumns>;
type OfMember = RowOf<typeof ofMember> & RowOf<typeof span>;

/** What belongs to members, by file. */
export interface MemberParts {
  readonly coverage: CsvRead<RowOf<typeof coverageColumns>>;
  readonly otherPayers: CsvRead<RowOf<typeof otherPayerColumns>>;
  readonly authorizations: CsvRead<RowOf<typeof authorizationColumns>>;
}

const nameOf = (policyNumber: string, patientId: string, versionNumber: number): string =>
  JSON.stringify([policyNumber, patientId, versionNumber]);

/** Rows by the member that they belong to; such of no member are problems. */
function byMember<Row extends OfMember>(read: CsvRead<Row>, members: ReadonlySet<string>) {
  const found = new Map<string, Row[]>();
  const problems: ReferenceProblem[] = [...read.problems];
  for (const { row, place } of read.rows) {
    const name = nameOf(row.policy_number, row.patient_id, row.member_version);
    if (!members.has(name))
      problems.push({ ...place, column: 'patient_id', reason: 'no such member with that policy and version in members.csv' });
    problems.push(...spanProblems(place, 'to', row));
    found.set(name, [...(found.get(name) ?? []), row]);
  }
  return { of: (name: string): readonly Row[] => found.get(name) ?? [], problems };
}

/** Identity ends here: what leaves is tokens under the key. */
function memberRecord(
  { row, place }: CsvRow<MemberRow>,
  key: NamedKey,
  parts: Pick<MemberChanged, 'coverage' | 'otherPayers' | 'authorizations'>,
): ReferenceRecord {
  const { policy_number: policyNumber, patient_id: patientId, version: number } = row;
  const policyToken = policyTokenOf(key, policyNumber);
  const memberToken = memberTokenOf(key, { policyNumber, patientId });
  const value: MemberChanged = {
    policyToken,
    memberToken,
    version: number,
    patientToken: patientTokenOf(key, patientId),
    subscriberToken: memberTokenOf(key, { policyNumber, patientId: row.subscriber_id }),
    relationship: row.relationship,
    nameToken: nameTokenOf(key, { lastName: row.last_name, firstName: row.first_name }),
    birthDate: row.birth_date,
    deathDate: row.death_date,
    sex: row.sex,
    ...parts,
  };
  const entity = `${policyToken}|${memberToken}`;
  return {
    topic: topics.memberChanged,
    key: `${entity}|${number}`,
    partitionKey: policyToken,
    version: number,
    entity,
    from: 0,
    to: null,
    value,
    place,
  };
}

/** Members with their coverage, other payers and authorisations, each version whole. */
export function readMembers(members: CsvRead<MemberRow>, parts: MemberParts, key: NamedKey): ReadRecords {
  const names = new Set(members.rows.map(({ row }) => nameOf(row.policy_number, row.patient_id, row.version)));
  const coverage = byMember(parts.coverage, names);
  const otherPayers = byMember(parts.otherPayers, names);
  const authorizations = byMember(parts.authorizations, names);
  const records = members.rows.map((member) => {
    const name = nameOf(member.row.policy_number, member.row.patient_id, member.row.version);
    return memberRecord(member, key, {
      coverage: coverage.of(name).map(({ from, to, plan_id: planId, group_number: groupNumber }) => ({ from, to, planId, groupNumber })),
      otherPayers: otherPayers.of(name).map(({ from, to, payer_id: payerId, primary }) => ({ from, to, payerId, primary })),
      authorizations: authorizations.of(name).map(({ from, to, number, procedure_code: procedureCode, units }) => ({
        from,
        to,
        number,
        procedureCode,
        unitsThousandths: units,
      })),
    });
  });
  const ofParts = members.problems.length === 0 ? [coverage, otherPayers, authorizations].flatMap(({ problems }) => problems) : [];
  return { records, problems: [...members.problems, ...ofParts] };
}
