import { isRowFault } from '../domain/is-row-fault.ts';

export interface OneByOne<Name, Done> {
  /** Everything at once. */
  readonly all: () => Promise<Done>;
  /** What a batch would have been about. */
  readonly names: () => Promise<readonly Name[]>;
  /** One of them, in a transaction of its own. */
  readonly one: (name: Name) => Promise<Done>;
  /** Leaves a bad one for later, so that it is not met again at once. */
  readonly postpone: (name: Name, error: unknown) => Promise<void>;
}

/**
 * Takes a batch; where one of its rows is at fault, one row at a time: the bad ones are postponed, the others go on.
 *
 * @throws VigilError what is no row's fault: a database that is away ends the turn, nothing is postponed for it
 */
export async function takeOneByOne<Name, Done>({ all, names, one, postpone }: OneByOne<Name, Done>): Promise<readonly Done[]> {
  try {
    return [await all()];
  } catch (error) {
    if (!isRowFault(error)) throw error;
  }
  const done: Done[] = [];
  for (const name of await names()) {
    try {
      done.push(await one(name));
    } catch (error) {
      if (!isRowFault(error)) throw error;
      await postpone(name, error);
    }
  }
  return done;
}
