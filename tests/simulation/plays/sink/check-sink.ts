import type { BatchProgressed } from '@vigil/contracts';
import { checkLedger, checkRows, rowName } from '../../checks/check-ledger.ts';
import { checkContent, type LetterEvidence } from '../../checks/check-letters.ts';
import { placeText, readTopicsOf, type SourcePlace } from '../../checks/observed-logs.ts';
import type { Violation } from '../../checks/violation.ts';
import type { SentRecord, SimWorld } from '../../sim-world.ts';
import type { SimDatabase } from '../../world/sim-database.ts';

/** Where the sink stands, by the database that holds its rows. */
export const storedPlaces = (world: SimWorld, { content }: SimDatabase): readonly SourcePlace[] =>
  readTopicsOf(world).flatMap((topic) =>
    Array.from({ length: world.scenario.partitions }, (_, partition): SourcePlace => ({
      topic,
      partition,
      position: content.positionOf({ topic, partition }) ?? null,
      stableOffset: world.broker.log({ topic, partition }).stableOffset,
    })),
  );

/** Every row that must be there is there once, in the order of its topic, with its content; none else is. */
export function checkRowsOf({ content }: SimDatabase, wanted: readonly SentRecord[]): readonly Violation[] {
  const known = new Map(wanted.map((record) => [placeText(record.topic, record.partition, record.offset), record]));
  const found = new Map<string, number>();
  const last = new Map<string, number>();
  const violations: Violation[] = [];
  for (const { topic, partition, record } of content.rows) {
    const place = placeText(topic, partition, record.offset);
    found.set(place, (found.get(place) ?? 0) + 1);
    const sent = known.get(place);
    if (!sent || !record.raw.value?.equals(sent.value)) violations.push({ invariant: 'I2', detail: `a row of ${place}` });
    if (record.offset < (last.get(`${topic}-${partition}`) ?? -1))
      violations.push({ invariant: 'I4', detail: `${place} was written after a later one` });
    last.set(`${topic}-${partition}`, record.offset);
  }
  for (const place of known.keys()) {
    const count = found.get(place) ?? 0;
    if (count !== 1) violations.push({ invariant: 'I6', detail: `${place}: ${count} rows` });
  }
  return violations;
}

/** Quarantine is written before the rows and outside of their transaction: a letter may stand there again, none may lack. */
export function checkSinkLetters({ letters, sent, consumed, requeued, isRefused }: Omit<LetterEvidence, 'stopped'>): readonly Violation[] {
  const known = new Map(sent.map((record) => [placeText(record.topic, record.partition, record.offset), record]));
  const most = new Map<string, number>();
  for (const { origin, attempt } of letters) most.set(origin, Math.max(attempt, most.get(origin) ?? 0));
  const missing = consumed.filter(isRefused).flatMap((record): Violation[] => {
    const place = placeText(record.topic, record.partition, record.offset);
    // Put back n times it was refused n times more; a letter that stands there twice may have been put back twice.
    const isThere = (requeued.get(place) ?? 0) > 0 ? (most.get(place) ?? 0) > 1 : most.has(place);
    return isThere ? [] : [{ invariant: 'I1', detail: `${place}: no letter` }];
  });
  return [...letters.flatMap((letter) => checkContent(letter, known.get(letter.origin), isRefused)), ...missing];
}

export interface SinkLedgerEvidence {
  readonly world: SimWorld;
  readonly ledger: readonly BatchProgressed[];
  readonly consumed: readonly SentRecord[];
  readonly rows: number;
  readonly letters: readonly { readonly origin: string }[];
  readonly isRefused: LetterEvidence['isRefused'];
}

/** Rows are published at least once, and a reader counts each once by its place. What was read again after a rewind is counted again. */
export function checkSinkLedger({ world, ledger, consumed, rows, isRefused }: SinkLedgerEvidence): readonly Violation[] {
  const once = [...new Map(ledger.map((row) => [rowName(row), row])).values()];
  const { sources } = world.scenario.play;
  if (world.scenario.troubles.some(({ kind }) => kind === 'rewind')) return checkRows(once);
  const requeued = [...world.requeued.values()].reduce((sum, count) => sum + count, 0);
  return [
    ...checkRows(once),
    ...checkLedger({
      ledger: once,
      sources,
      consumed,
      outputs: { rows },
      dispositions: { processed: rows, rejected: consumed.filter(isRefused).length + requeued, late: 0, duplicate: 0, suppressed: 0 },
    }),
  ];
}
