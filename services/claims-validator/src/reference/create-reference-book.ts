import type { ReferenceBook } from '../domain/claim-world.ts';
import { noRows } from './effective-index.ts';
import type { ReferenceTables } from './reference-tables.ts';

/** The tables as adjudication asks for them. They change between two batches: the book shows what they hold at the moment. */
export const createReferenceBook = ({ providers, plans, prices, codes, edits }: ReferenceTables): ReferenceBook => ({
  provider: (providerId, day) => providers.at(providerId)?.inForce(day),
  plan: (planId, day) => plans.at(planId)?.inForce(day),
  price(scheduleId, code, { modifiers, day }) {
    const byModifier = prices.at(scheduleId)?.at(code);
    if (!byModifier) return undefined;
    for (const modifier of modifiers) {
      const row = byModifier.at(modifier)?.inForce(day);
      if (row) return row;
    }
    return byModifier.at('')?.inForce(day);
  },
  code: (system, code, day) => codes.at(system)?.at(code)?.inForce(day),
  knowsSystem: (system) => codes.at(system) !== undefined,
  edits: (edit, code, day) => edits.at(edit)?.at(code)?.childrenInForce(day) ?? noRows,
});
