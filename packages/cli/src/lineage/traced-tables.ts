import { topics, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';

/** A fact table whose rows lead back to where they came from. Names are constants of the code. */
export interface TracedTable {
  readonly table: string;
  /** Column with the keyed id by which a row is asked for. */
  readonly idColumn: string;
  /** Column with the keyed id that names the record of `source`. */
  readonly sourceColumn: string;
  readonly source: Topic;
  /** Field of the source's records whose id is keyed; null = the id of the event, which follows from the record's place. */
  readonly field: string | null;
}

export const tracedTables: readonly TracedTable[] = [
  { table: 'fact_visit', idColumn: 'visit_key', sourceColumn: 'visit_key', source: topics.visitRecorded, field: 'visitId' },
  { table: 'fact_trial_outcome', idColumn: 'outcome_key', sourceColumn: 'outcome_key', source: topics.outcomeRecorded, field: 'outcomeId' },
  { table: 'fact_claim', idColumn: 'decision_id', sourceColumn: 'submission_id', source: topics.claimReceived, field: null },
  { table: 'fact_vital_reading', idColumn: 'reading_id', sourceColumn: 'reading_id', source: topics.vitalsReadingReceived, field: null },
]; // prettier-ignore

/** @throws VigilError BAD_USAGE */
export function tracedTable(name: string): TracedTable {
  const found = tracedTables.find(({ table }) => table === name || `warehouse.${table}` === name);
  if (found) return found;
  throw new VigilError('BAD_USAGE', { detail: `rows of ${tracedTables.map(({ table }) => table).join(', ')} can be followed.` });
}
