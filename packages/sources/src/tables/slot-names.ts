import type { SourceDefinition } from '@vigil/definitions';
import type { SlotNames } from './cdc/change-stream.ts';

export type CdcSourceDefinition = Extract<SourceDefinition, { kind: 'cdc' }>;

/** Slot and publication of one table. A slot tells one table: one that is slow, or lost, harms no other. */
export function slotNamesOf(
  { slot, publication, tables }: Pick<CdcSourceDefinition, 'slot' | 'publication' | 'tables'>,
  table: string,
): SlotNames {
  const suffix = Object.keys(tables).length === 1 ? '' : `_${table.replaceAll('.', '_')}`;
  return { slot: `${slot}${suffix}`, publication: `${publication}${suffix}` };
}
