import type { ReferenceProblem } from './reference-problem.ts';
import { isoDay, type ReferenceRecord } from './reference-record.ts';

/** A version of an entity as it was published before. */
export interface PublishedVersion {
  readonly key: string;
  readonly entity: string;
  readonly version: number;
  readonly from: number;
  readonly to: number | null;
  /** Its value in one text, to compare. */
  readonly content: string;
}

/** What is to be published, what is there already, and what may not be. */
export interface VersionCheck {
  readonly fresh: readonly ReferenceRecord[];
  readonly unchanged: readonly ReferenceRecord[];
  readonly problems: readonly ReferenceProblem[];
}

type Spanned = Pick<ReferenceRecord, 'from' | 'to'>;
const overlap = (one: Spanned, other: Spanned): boolean =>
  (one.to === null || other.from <= one.to) && (other.to === null || one.from <= other.to);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)])); // prettier-ignore
};

/** One text for each value, whatever the order of its members. */
export const contentOf = (value: object): string => JSON.stringify(sorted(value));

const spanText = ({ from, to }: Spanned): string => `${isoDay(from)} to ${to === null ? 'open' : isoDay(to)}`;

/** Of an entity only the greatest version in force counts: a new one that is not above what it overlaps would change nothing. */
const isBelow = (record: ReferenceRecord, other: PublishedVersion): boolean =>
  other.key !== record.key && overlap(record, other) && record.version <= other.version;

function conflictsWithin(records: readonly ReferenceRecord[]): ReferenceProblem[] {
  const known = new Map<string, ReferenceRecord[]>();
  const problems: ReferenceProblem[] = [];
  for (const record of records) {
    const entity = `${record.topic.name} ${record.entity}`;
    const others = known.get(entity) ?? [];
    const same = others.find((other) => other.version === record.version && overlap(record, other));
    if (same) {
      const where = `${same.place.file}:${same.place.line}`;
      problems.push({ ...record.place, column: 'version', reason: `the same version as ${where}, in force at the same time` });
    }
    known.set(entity, [...others, record]);
  }
  return problems;
}

/** Holds the rows of a directory against each other and against what was published. */
export function checkVersions(records: readonly ReferenceRecord[], published: readonly PublishedVersion[]): VersionCheck {
  const byKey = new Map(published.map((version) => [version.key, version]));
  const byEntity = Map.groupBy(published, ({ entity }) => entity);
  const fresh: ReferenceRecord[] = [];
  const unchanged: ReferenceRecord[] = [];
  const problems = conflictsWithin(records);
  for (const record of records) {
    const same = byKey.get(record.key);
    if (same) {
      if (same.content === contentOf(record.value)) unchanged.push(record);
      else problems.push({ ...record.place, column: 'version', reason: 'changed without a new version' });
      continue;
    }
    const above = byEntity.get(record.entity)?.find((other) => isBelow(record, other));
    if (above)
      problems.push({
        ...record.place,
        column: 'version',
        reason: `not above version ${above.version}, which is in force ${spanText(above)}`,
      });
    else fresh.push(record);
  }
  return { fresh, unchanged, problems };
}
