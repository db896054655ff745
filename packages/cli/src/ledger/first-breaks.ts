import { type Ledger } from '@vigil/contracts';
import { locateImbalance, type ImbalancePlace, type ImbalanceReason, type LedgerSources, type PartitionLag } from '@vigil/kafka';

/** Where an account breaks first, and what to do there. */
export interface FirstBreak extends ImbalancePlace {
  readonly what: string;
  readonly todo: string;
}

const words: Readonly<Record<ImbalanceReason, { readonly what: string; readonly todo: string }>> = {
  dispositions: {
    what: 'the commit that begins here consumed other than the sum of its dispositions',
    todo: 'a fault of the stage itself: keep its version and report it',
  },
  twice: {
    what: 'two commits account for this offset',
    todo: 'look for two owners of the partition or a position that was set back',
  },
  unclaimed: {
    what: 'this record was passed over: no commit accounts for it',
    todo: 'follow it with `vigil trace`, then send it again',
  },
  miscounted: {
    what: 'the commit that begins here counts other than its stretch of the log holds',
    todo: 'follow its records with `vigil trace`, one by one',
  },
};

type Position = Pick<PartitionLag, 'group' | 'topic' | 'partition' | 'position'>;

/** Looks for the first break of each stage and partition that owes something. Reads the log again: only for a ledger that does not balance. */
export async function findFirstBreaks(
  sources: LedgerSources,
  { stages }: Pick<Ledger, 'stages'>,
  positions: readonly Position[],
): Promise<readonly FirstBreak[]> {
  const breaks: FirstBreak[] = [];
  for (const { stage, topic, unaccounted } of stages) {
    const own = positions.filter((position) => position.group === stage && position.topic === topic);
    if (unaccounted === 0 || own.length === 0) continue;
    const reached: number[] = [];
    for (const { partition, position } of own) reached[partition] = position;
    const places = await locateImbalance(sources, { stage, topic, positions: reached });
    breaks.push(...places.map((place) => ({ ...place, ...words[place.reason] })));
  }
  return breaks;
}
