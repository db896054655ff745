import { topics, type OutcomeRecorded } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { SourcedRow, SourceRow } from '@vigil/sources';
import type { MapItem } from '../job/batch-job.ts';
import { latestDayOf, midnightOf, type MapperRules } from './mapper-rules.ts';
import { readDay, readIdentifier, readJson, readTenThousandths } from './read-columns.ts';
import { read, rejectRow, wrong, type Read } from './reject-row.ts';
import { createIdentityTeller } from './tell-identity.ts';
import { countEvents, numbersIn } from './trial-values.ts';
import { armCodeOf, completionStatusOf } from './trial-words.ts';

type Outcome = Pick<
  OutcomeRecorded,
  | 'enrollmentDate'
  | 'enrolledAt'
  | 'treatmentArm'
  | 'armCode'
  | 'primaryEndpointTenThousandths'
  | 'secondaryEndpoints'
  | 'secondaryValues'
  | 'adverseEvents'
  | 'adverseEventCount'
  | 'seriousEventCount'
  | 'completionStatus'
>;

const jsonText = (value: unknown): string => (value === null ? '' : JSON.stringify(value));
const textOf = (row: SourceRow, column: string): string => (typeof row[column] === 'string' ? row[column].trim() : '');

function readStatus(row: SourceRow): Read<string> {
  const told = row['completion_status'] ?? '';
  if (told === '') return read('');
  const status = typeof told === 'string' ? completionStatusOf(told) : undefined;
  return status === undefined
    ? wrong('BAD_STATUS', 'completion_status', 'expected completed, ongoing, withdrawn, lost or other')
    : read(status);
}

/** What a row says beyond its key. */
function readOutcome(row: SourceRow, latestDay: number): Read<Outcome> {
  const day = readDay(row, 'enrollment_date', latestDay);
  if (!day.ok) return day;
  const primary = readTenThousandths(row, 'primary_endpoint_value');
  if (!primary.ok) return primary;
  const secondary = readJson(row, 'secondary_endpoints');
  if (!secondary.ok) return secondary;
  const adverse = readJson(row, 'adverse_events');
  if (!adverse.ok) return adverse;
  const status = readStatus(row);
  if (!status.ok) return status;
  const events = countEvents(adverse.value);
  const treatmentArm = textOf(row, 'treatment_arm');
  return read({
    enrollmentDate: day.value,
    enrolledAt: day.value === null ? null : midnightOf(day.value),
    treatmentArm,
    armCode: armCodeOf(treatmentArm),
    primaryEndpointTenThousandths: primary.value,
    secondaryEndpoints: jsonText(secondary.value),
    secondaryValues: numbersIn(secondary.value),
    adverseEvents: jsonText(adverse.value),
    adverseEventCount: events.all,
    seriousEventCount: events.serious,
    completionStatus: status.value,
  });
}

/** A row that was deleted tells its key, and whatever else its source still knows of it: nothing of that is judged. */
const deleted: Outcome = {
  enrollmentDate: null,
  enrolledAt: null,
  treatmentArm: '',
  armCode: '',
  primaryEndpointTenThousandths: null,
  secondaryEndpoints: '',
  secondaryValues: {},
  adverseEvents: '',
  adverseEventCount: 0,
  seriousEventCount: 0,
  completionStatus: '',
};

/**
 * A row of `clinical_trials` → `trials.outcome.recorded.v1` as it is now, and the sealed identity beside it. A row is known by
 * (trial_id, patient_id): the table has no key of its own.
 */
export function createTrialMapper(rules: MapperRules): MapItem<SourcedRow> {
  const tellIdentity = createIdentityTeller(rules);
  const latestDay = latestDayOf(rules);
  return ({ item: { change, row, position, changedAtMs }, line }) => {
    const trialId = readIdentifier(row, 'trial_id');
    if (!trialId.ok) return rejectRow(trialId, row);
    const patientId = readIdentifier(row, 'patient_id');
    if (!patientId.ok) return rejectRow(patientId, row);
    const outcome = change === 'delete' ? read(deleted) : readOutcome(row, latestDay);
    if (!outcome.ok) return rejectRow(outcome, row);
    const { patientToken, records } = tellIdentity(row, patientId.value);
    const value: OutcomeRecorded = {
      outcomeId: hashId('outcome', trialId.value, patientToken),
      change,
      patientToken,
      trialId: trialId.value,
      ...outcome.value,
      position,
      changedAt: changedAtMs,
      source: rules.source,
      fileId: rules.fileId,
      line,
    };
    return { kind: 'records', records: [{ topic: topics.outcomeRecorded, key: patientToken, value }, ...records] };
  };
}
