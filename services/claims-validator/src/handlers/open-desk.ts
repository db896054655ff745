import { createReferenceBook } from '../reference/create-reference-book.ts';
import type { ClaimStores } from '../state/claim-stores.ts';
import type { Desk } from './submission.ts';

export type Deciding = Pick<Desk, 'adjudicate' | 'adjudicateVoid'>;
export type OpenDesk = (stores: ClaimStores) => Desk;

/** One desk for each task's stores: the engine hands a task the same ones with every record. */
export function deskOpener(decidingOf: (stores: ClaimStores) => Deciding): OpenDesk {
  const desks = new WeakMap<ClaimStores, Desk>();
  return (stores) => {
    let desk = desks.get(stores);
    if (!desk) desks.set(stores, (desk = { stores, reference: createReferenceBook(stores), ...decidingOf(stores) }));
    return desk;
  };
}
