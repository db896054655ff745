import { topics, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { SourcedRow, SourceRow, TableSourceDefinition } from '@vigil/sources';
import type { MapItem } from '../job/batch-job.ts';
import { createTrialMapper } from '../mappers/map-trial.ts';
import { createVisitMapper } from '../mappers/map-visit.ts';
import type { CsvRow, MapperRules } from '../mappers/mapper-rules.ts';
import { rejectRow } from '../mappers/reject-row.ts';

/** What becomes of the rows of a table, and the topics it goes to. */
export interface TableMapper {
  readonly map: MapItem<SourcedRow>;
  readonly writes: readonly Topic[];
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
const asText = (row: SourceRow): CsvRow => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, textOf(value)]));

/** Rows that leave as the JSON that others send, keyed by one of their members. */
function messagesOf(topic: Topic, field: string): TableMapper {
  const map: MapItem<SourcedRow> = ({ item: { row, change } }) => {
    // These topics know no deletion.
    if (change === 'delete') return { kind: 'skipped' };
    const key = row[field];
    if (typeof key !== 'string' || key === '') return rejectRow({ code: 'MISSING_ID', field, detail: 'expected an id' }, row);
    return { kind: 'records', records: [{ topic, key, value: Buffer.from(JSON.stringify(row), 'utf8') }] };
  };
  return { map, writes: [topic] };
}

/** Made anew for each pass over the rows. @throws VigilError BAD_DEFINITION where rows are never such records */
export function createTableMapper(records: TableSourceDefinition['records'], rules: MapperRules): TableMapper {
  switch (records) {
    case 'trial_outcomes':
      return { map: createTrialMapper(rules), writes: [topics.outcomeRecorded, topics.identityObserved] };
    case 'visits': {
      const mapVisit = createVisitMapper(rules);
      const map: MapItem<SourcedRow> = ({ item, ...place }) =>
        item.change === 'delete' ? { kind: 'skipped' } : mapVisit({ ...place, item: asText(item.row) });
      return { map, writes: [topics.visitRecorded, topics.identityObserved] };
    }
    case 'patients':
      return messagesOf(topics.patientsRecordReceived, 'patient_id');
    case 'claims':
      return messagesOf(topics.claimReceived, 'claim_id');
    case 'readings':
    case 'rows':
      throw new VigilError('BAD_DEFINITION', { detail: `Records of the kind ${records} are not read from tables.` });
  }
}
