import type { ClaimSubmitted } from '@vigil/contracts';
import type { Adjudication } from '../domain/adjudication.ts';
import type { ClaimWorld } from '../domain/claim-world.ts';
import { createReferenceBook } from '../reference/create-reference-book.ts';
import type { ClaimStores } from '../state/claim-stores.ts';
import type { Desk } from './submission.ts';

export type Adjudicate = (claim: ClaimSubmitted, world: ClaimWorld) => Adjudication;
export type OpenDesk = (stores: ClaimStores) => Desk;

/** One desk for each task's stores: the engine hands a task the same ones with every record. */
export function deskOpener(adjudicate: Adjudicate): OpenDesk {
  const desks = new WeakMap<ClaimStores, Desk>();
  return (stores) => {
    let desk = desks.get(stores);
    if (!desk) desks.set(stores, (desk = { stores, reference: createReferenceBook(stores), adjudicate }));
    return desk;
  };
}
