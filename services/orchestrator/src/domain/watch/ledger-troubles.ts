import type { TroubleRaised } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { nameOf, type Imbalance } from './reconcile.ts';

/** Troubles that were raised and not cleared, by id: an instance that was paused may have raised a second one of the same account. */
export type OpenTroubles = ReadonlyMap<string, TroubleRaised>;

const kind = 'ledger-imbalance';

/** What is open after these records, in the order in which they were written. */
export function openTroubles(records: Iterable<TroubleRaised>): OpenTroubles {
  const open = new Map<string, TroubleRaised>();
  for (const record of records) {
    if (record.kind !== kind) continue;
    if (record.change === 'raised') open.set(record.troubleId, record);
    else open.delete(record.troubleId);
  }
  return open;
}

const raise = ({ stage, topic, unaccounted, sinceMs }: Imbalance, detectedAt: number): TroubleRaised => ({
  troubleId: hashId(kind, stage, topic, sinceMs),
  change: 'raised',
  kind,
  severity: 'critical',
  stage,
  topic,
  partition: null,
  offset: null,
  code: '',
  counts: { unaccounted },
  detectedAt,
  clearedAt: null,
});

/** What has to be told: imbalances that nobody was told about, and troubles that are over. */
export function troublesToTell(
  open: OpenTroubles,
  { imbalances, balanced }: { readonly imbalances: readonly Imbalance[]; readonly balanced: ReadonlySet<string> },
  nowMs: number,
): readonly TroubleRaised[] {
  const told = new Set([...open.values()].map(({ stage, topic }) => nameOf(stage, topic)));
  const raised = imbalances.filter(({ stage, topic }) => !told.has(nameOf(stage, topic))).map((imbalance) => raise(imbalance, nowMs));
  const cleared = [...open.values()]
    .filter(({ stage, topic }) => balanced.has(nameOf(stage, topic)))
    .map((trouble) => ({ ...trouble, change: 'cleared', clearedAt: nowMs }));
  return [...raised, ...cleared];
}
