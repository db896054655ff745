import type { FileContent } from '../content/file-feed.ts';
import type { FileItem } from '../content/read-items.ts';
import type { MapItem, Mapped, PositionedItem } from '../job/batch-job.ts';
import { asSnapshot, type CsvRow } from '../mappers/mapper-rules.ts';
import { QualityProfile, type QualityPlan } from './quality-profile.ts';
import type { Score } from './quality-score.ts';
import { trialQuality, visitQuality } from './record-plans.ts';

/** Of claims, patients and readings the readers behind the topic judge the fields, of rows their columns: here only whether an item was one. */
const anyItem: QualityPlan<FileItem> = {
  columns: [],
  keyOf: () => null,
  isConsistent: () => true,
  happenedAtMs: () => null,
  timelyMs: 0,
};

const noRow: CsvRow = {};
const rowOf = (item: FileItem): CsvRow => (item.kind === 'row' ? item.row : noRow);

/** The plan of rows for the lines of a file; lines that are no rows lack every column. */
const ofLines = <Row>(plan: QualityPlan<Row>, rowOf: (item: FileItem) => Row): QualityPlan<FileItem> => ({
  columns: plan.columns.map(({ name, required, valueOf }) => ({ name, required, valueOf: (item) => valueOf(rowOf(item)) })),
  keyOf: (item, mapped) => plan.keyOf(rowOf(item), mapped),
  isConsistent: (item) => plan.isConsistent(rowOf(item)),
  happenedAtMs: (item, mapped) => plan.happenedAtMs(rowOf(item), mapped),
  timelyMs: plan.timelyMs,
});

const planOf: Readonly<Record<FileContent, QualityPlan<FileItem>>> = {
  claims: anyItem,
  patients: anyItem,
  readings: anyItem,
  rows: anyItem,
  visits: ofLines(visitQuality, rowOf),
  trial_outcomes: ofLines(trialQuality, (item) => asSnapshot(rowOf(item))),
};

/** Judges a file beside the job that reads it: in the same pass, unless the job began in the middle of it. */
export interface FileProfile {
  /** The mapper, looked over the shoulder. */
  readonly map: MapItem<FileItem>;
  /** The job reads from `position` on: only from the beginning it sees the whole. */
  beganAt(position: string | null): void;
  /** @param readAll  reads the file from its beginning, where the job did not */
  scores(readAll: () => AsyncIterable<PositionedItem<FileItem>>): Promise<readonly Score[]>;
}

/** When something that a file tells of came late. */
export interface Timeliness {
  /** What lateness is counted from. */
  readonly asOfMs: number;
  /** What is told later than so long after it is late; null = as usual for the content. */
  readonly withinMs: number | null;
}

export function createFileProfile(
  content: FileContent,
  { timeliness, createMapper }: { readonly timeliness: Timeliness; readonly createMapper: () => MapItem<FileItem> },
): FileProfile {
  const plan = planOf[content];
  const { asOfMs, withinMs } = timeliness;
  const createProfile = () => new QualityProfile(withinMs === null ? plan : { ...plan, timelyMs: withinMs }, asOfMs);
  const profile = createProfile();
  const mapper = createMapper();
  let sawAll = false;
  return {
    map: (positioned): Mapped => {
      const mapped = mapper(positioned);
      profile.observe(positioned.item, mapped);
      return mapped;
    },
    beganAt: (position) => {
      sawAll = position === null;
    },
    async scores(readAll) {
      if (sawAll) return profile.scores();
      const whole = createProfile();
      const map = createMapper();
      for await (const positioned of readAll()) whole.observe(positioned.item, map(positioned));
      return whole.scores();
    },
  };
}
