import { topics } from '@vigil/contracts';
import { cents, id, oneOf, orNull, shaped, text, whole, words, yesOrNo } from '../csv-cells.ts';
import type { Columns, CsvRow, RowOf } from '../read-csv.ts';
import { effectiveRecord, type EffectiveRow, type ReferenceRecord } from '../reference-record.ts';
import { effectiveColumns } from './effective-columns.ts';

/** A table whose rows are records by themselves. */
export interface SimpleTable<Shape extends Columns = Columns> {
  readonly name: string;
  readonly columns: Shape;
  readonly recordOf: (row: CsvRow<RowOf<Shape>>) => ReferenceRecord;
}

const table = <Shape extends Columns>(name: string, columns: Shape, recordOf: SimpleTable<Shape>['recordOf']): SimpleTable =>
  ({ name, columns, recordOf }) as unknown as SimpleTable;

const codeShape = shaped(/^[0-9A-Z]{1,11}$/, 'code of digits and capital letters');
const otherShape = shaped(/^([0-9A-Za-z-]{0,20}|\*)$/, 'code, place, sex or provider type');

const from = (row: EffectiveRow, topic: ReferenceRecord['topic'], names: readonly string[]) => effectiveRecord(topic, names, row);

const providers = table(
  'providers',
  {
    provider_id: id,
    ...effectiveColumns,
    id_type: oneOf('npi', 'local'),
    provider_type: oneOf('physician', 'hospital', 'laboratory', 'dme-supplier', 'pharmacy', 'other'),
    taxonomy: text,
    networks: words,
    eligible: yesOrNo,
  },
  ({ row, place }) => {
    const { provider_id: providerId, id_type: idType, provider_type: providerType, taxonomy, networks, eligible } = row;
    const { record, force } = from(row, topics.providerChanged, [providerId]);
    return { ...record, place, value: { providerId, ...force, idType, providerType, taxonomy, networks, eligible } };
  },
);

const feeSchedules = table(
  'fee-schedules',
  { schedule_id: id, code: codeShape, modifier: text, ...effectiveColumns, unit_price: cents },
  ({ row, place }) => {
    const { schedule_id: scheduleId, code, modifier, unit_price: unitCents } = row;
    const { record, force } = from(row, topics.feeScheduleChanged, [scheduleId, code, modifier]);
    return { ...record, place, value: { scheduleId, code, modifier, ...force, unitCents } };
  },
);

const codes = table(
  'codes',
  {
    system: oneOf('icd-10-cm', 'hcpcs', 'cpt', 'revenue', 'modifier', 'place-of-service', 'carc', 'rarc'),
    code: codeShape,
    ...effectiveColumns,
    description: text,
  },
  ({ row, place }) => {
    const { system, code, description } = row;
    const { record, force } = from(row, topics.codeChanged, [system, code]);
    return { ...record, place, value: { system, code, ...force, description } };
  },
);

const edits = table(
  'edits',
  {
    edit: oneOf(
      'ncci-ptp', 'bundle', 'mue', 'modifier', 'diagnosis-procedure', 'age', 'sex', 'place-of-service', 'necessity', 'provider-type',
    ), // prettier-ignore
    code: codeShape,
    other: otherShape,
    ...effectiveColumns,
    modifier_allowed: yesOrNo,
    least: orNull(whole),
    most: orNull(whole),
    allowed: yesOrNo,
  },
  ({ row, place }) => {
    const { edit, code, other, modifier_allowed: modifierAllowed, least, most, allowed } = row;
    const { record, force } = from(row, topics.editChanged, [edit, code, other]);
    return { ...record, place, value: { edit, code, other, ...force, modifierAllowed, least, most, allowed } };
  },
);

/** Tables of one file each, in the order in which they are published. */
export const simpleTables: readonly SimpleTable[] = [codes, edits, feeSchedules, providers];
