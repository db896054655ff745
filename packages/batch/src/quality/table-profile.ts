import type { SourcedRow, TableSourceDefinition } from '@vigil/sources';
import type { MapItem } from '../job/batch-job.ts';
import { QualityProfile, type QualityPlan } from './quality-profile.ts';
import { trialQuality, visitQuality } from './record-plans.ts';

const textual = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const asText = ({ row }: SourcedRow) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, textual(value)]));

/** Only whether a row became a record: the stages behind the topic judge its fields. */
const anyRow: QualityPlan<SourcedRow> = { columns: [], keyOf: () => null, isConsistent: () => true, happenedAtMs: () => null, timelyMs: 0 };

/** As of files, but that a table may tell of a visit as late as it likes, and again. */
const visitRow: QualityPlan<SourcedRow> = {
  ...anyRow,
  columns: visitQuality.columns.map(({ name, required, valueOf }) => ({ name, required, valueOf: (item) => valueOf(asText(item)) })),
  isConsistent: (item) => visitQuality.isConsistent(asText(item)),
};

const planOf = (records: TableSourceDefinition['records']): QualityPlan<SourcedRow> =>
  records === 'trial_outcomes' ? trialQuality : records === 'visits' ? visitRow : anyRow;

/** Looks mappers of rows over the shoulder. What a source deleted is not judged: it has no values. */
export function createTableProfile(records: TableSourceDefinition['records']) {
  const profile = new QualityProfile(planOf(records), 0);
  const observed =
    (map: MapItem<SourcedRow>): MapItem<SourcedRow> =>
    (positioned) => {
      const mapped = map(positioned);
      if (positioned.item.change !== 'delete') profile.observe(positioned.item, mapped);
      return mapped;
    };
  return { observed, scores: () => profile.scores() };
}
