import type { SourcesFile } from '@vigil/definitions';
import { databasePlace, type ResolveReference } from '@vigil/sources';
import { slotOf, type NotedSlot } from './slot-book.ts';

/**
 * Whether a source of `workflows/sources.yaml` reads a slot. `unknown`: one of them has a slot of this name, and an address that
 * cannot be read here may be that of the same database.
 */
export type SlotStanding = 'declared' | 'forgotten' | 'unknown';

const isSameReference = (one: NotedSlot['access']['address'], other: NotedSlot['access']['address']): boolean =>
  one.env === other.env && one.file === other.file;

/**
 * Tells slots by name and database, whatever the source, its references and its login are called by now; the same name in another
 * database is another slot.
 */
export function slotStandings(sources: SourcesFile['sources'], resolve: ResolveReference): (slot: NotedSlot) => SlotStanding {
  const declared = Object.entries(sources).flatMap(([source, definition]) =>
    definition.kind === 'cdc' ? Object.keys(definition.tables).map((table) => slotOf(definition, { source, table })) : [],
  );
  const placeOf = ({ source, access }: NotedSlot): string | null => {
    try {
      return databasePlace(access.address, { source, resolve });
    } catch {
      // Whatever is wrong with it: nobody may take it for another database.
      return null;
    }
  };
  return (slot) => {
    const namesakes = declared.filter((each) => each.slot === slot.slot);
    if (namesakes.some(({ access }) => isSameReference(access.address, slot.access.address))) return 'declared';
    const place = placeOf(slot);
    const places = namesakes.map(placeOf);
    if (place !== null && places.includes(place)) return 'declared';
    return places.includes(null) || (place === null && places.length > 0) ? 'unknown' : 'forgotten';
  };
}
