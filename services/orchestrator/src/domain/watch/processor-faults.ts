import type { TroubleRaised } from '@vigil/contracts';
import { hashId } from '@vigil/core';

/** The newest record of a topic that a stage quarantined because our own code failed on it. */
export interface ProcessorFault {
  readonly stage: string;
  readonly topic: string;
  /** Where the record stood when it was read first; null = its dead letter does not say. */
  readonly origin: { readonly partition: number; readonly offset: number } | null;
  readonly atMs: number;
}

/** What engineering was told about one stage and topic. */
export interface ToldFault {
  /** Raised and not cleared; an instance that was paused may have raised a second one. */
  readonly open: readonly TroubleRaised[];
  readonly clearedAt: number | null;
}

const kind = 'processor-fault';

/** A trouble is over when so long no further record met it: one page for many records. */
export const quietMs = 60 * 60_000;

export const faultName = ({ stage, topic }: { readonly stage: string; readonly topic: string }): string => `${stage}|${topic}`;

/** What was told, by stage and topic, of records in the order in which they were written. */
export function toldFaults(records: Iterable<TroubleRaised>): ReadonlyMap<string, ToldFault> {
  const told = new Map<string, ToldFault>();
  for (const record of records) {
    if (record.kind !== kind) continue;
    const known = told.get(faultName(record)) ?? { open: [], clearedAt: null };
    const others = known.open.filter(({ troubleId }) => troubleId !== record.troubleId);
    const next = record.change === 'raised' ? { ...known, open: [...others, record] } : { open: others, clearedAt: record.clearedAt };
    told.set(faultName(record), next);
  }
  return told;
}

const raise = ({ stage, topic, origin, atMs }: ProcessorFault, detectedAt: number): TroubleRaised => ({
  troubleId: hashId(kind, stage, topic, atMs),
  change: 'raised',
  kind,
  severity: 'critical',
  stage,
  topic,
  partition: origin && origin.partition,
  offset: origin && origin.offset,
  code: 'PROCESSOR_FAULT',
  counts: {},
  detectedAt,
  clearedAt: null,
});

/** A clear covers what was quarantined until the silence before it began. */
const isTold = ({ atMs }: ProcessorFault, { open, clearedAt }: ToldFault): boolean =>
  open.length > 0 || (clearedAt !== null && atMs <= clearedAt - quietMs);

/** What has to be told: faults that nobody was told about, and troubles that no record met for long. */
export function faultTroublesToTell(
  told: ReadonlyMap<string, ToldFault>,
  newest: ReadonlyMap<string, ProcessorFault>,
  nowMs: number,
): readonly TroubleRaised[] {
  const raised = [...newest].flatMap(([name, fault]) =>
    isTold(fault, told.get(name) ?? { open: [], clearedAt: null }) ? [] : [raise(fault, nowMs)],
  );
  const cleared = [...told].flatMap(([name, { open }]) => {
    const lastMs = Math.max(newest.get(name)?.atMs ?? 0, ...open.map(({ detectedAt }) => detectedAt));
    return nowMs - lastMs < quietMs ? [] : open.map((trouble) => ({ ...trouble, change: 'cleared', clearedAt: nowMs }));
  });
  return [...raised, ...cleared];
}
