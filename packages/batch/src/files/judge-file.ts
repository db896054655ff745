import { VigilError } from '@vigil/core';
import type { FileSource, FoundFile } from '@vigil/sources';
import type { FileFeed } from '../content/file-feed.ts';
import type { FileItem } from '../content/read-items.ts';
import type { MapItem, PositionedItem } from '../job/batch-job.ts';
import { createFileProfile } from '../quality/file-profile.ts';
import { shortfallsOf, type JudgedScore, type QualityLimits, type Score } from '../quality/quality-score.ts';
import type { FileHolder } from './claim-files.ts';
import type { FileRecord } from './file-record.ts';

/** Keeps the scores of a file. @returns each with its drift */
export type KeepScores = (
  file: { readonly source: string; readonly fileId: string; readonly runId: string; readonly limits: QualityLimits | null },
  scores: readonly Score[],
) => Promise<readonly JudgedScore[]>;

/** How good a file is: beside the job that reads it or, where there is a limit, before it. */
export interface FileJudge {
  readonly map: MapItem<FileItem>;
  /** A pass over the items begins; there may be several, where what the one before published did not get through. */
  beganAt(position: string | null): void;
  /** @throws VigilError QUALITY_BELOW_LIMIT with its score and its columns, no values */
  before(file: FileRecord): Promise<void>;
  after(file: FileRecord): Promise<void>;
}

/** What is judged with. */
export interface FileJudging {
  readonly source: Pick<FileSource, 'name'>;
  readonly feed: Pick<FileFeed, 'content'>;
  readonly holder: Pick<FileHolder, 'runId'>;
  /** Keeps how good a file was, before it counts as loaded; without it files are not judged. */
  readonly keepScores?: KeepScores | undefined;
  /** A file below them is not loaded before a person accepted it; null = none. */
  readonly qualityLimits?: QualityLimits | null;
  /** Absent = as usual for the content. */
  readonly timelyWithinMs?: number | null;
  /** The time that a backfill is for: what the file is about came no later for that. Absent = the file counts by its own time. */
  readonly aboutMs?: number | null;
}

export interface FileToJudge {
  readonly found: FoundFile;
  readonly createMapper: () => MapItem<FileItem>;
  /** Its items from the beginning. */
  readonly readAll: () => AsyncIterable<PositionedItem<FileItem>>;
}

/** Score of the whole, its worst column, and what is below which limit. */
function refusal(scores: readonly JudgedScore[], limits: QualityLimits): VigilError | null {
  const found = shortfallsOf(scores, limits);
  if (found.length === 0) return null;
  const worst = scores.slice(1).reduce<JudgedScore | null>((low, score) => (low && low.score <= score.score ? low : score), null);
  const told = worst === null ? '' : `; worst column ${worst.column} ${(Math.floor(worst.score * 10_000) / 10_000).toString()}`;
  return new VigilError('QUALITY_BELOW_LIMIT', { detail: `${found.map(({ text }) => text).join(', ')}${told}.` });
}

/**
 * Judges one file. With a limit it is read once more, before its first record is published, and not judged again behind it:
 * a copy on this side is read and mapped for a fraction of what publishing costs. What a person accepted is not refused
 * again, as long as it is that very content.
 */
export function createFileJudge(work: FileJudging, { found, createMapper, readAll }: FileToJudge): FileJudge {
  const { feed, keepScores, qualityLimits: limits = null, source, holder } = work;
  const asOfMs = Math.min(found.modifiedAtMs, work.aboutMs ?? Number.POSITIVE_INFINITY);
  const timeliness = { asOfMs, withinMs: work.timelyWithinMs ?? null };
  const createProfile = () => createFileProfile(feed.content, { timeliness, createMapper });
  let profile = createProfile();
  const keep = (fileId: string, scores: readonly Score[], held: QualityLimits | null) =>
    keepScores?.({ source: source.name, fileId, runId: holder.runId, limits: held }, scores);
  // What a mapper remembers is of what it mapped: where nothing of that was published it has to be forgotten.
  if (limits === null || !keepScores) {
    let map = createMapper();
    return {
      map: (item) => (keepScores ? profile.map(item) : map(item)),
      beganAt: (position) => {
        map = createMapper();
        profile = createProfile();
        profile.beganAt(position);
      },
      before: async () => {},
      after: async ({ fileId }) => void (await keep(fileId, await profile.scores(readAll), null)),
    };
  }
  let map = createMapper();
  return {
    map: (item) => map(item),
    beganAt: () => {
      map = createMapper();
    },
    async before({ fileId, sha256, acceptedSha256 }) {
      const held = acceptedSha256 !== null && acceptedSha256 === sha256 ? null : limits;
      const judged = await keep(fileId, await profile.scores(readAll), held);
      const refused = held && judged ? refusal(judged, held) : null;
      if (refused) throw refused;
    },
    after: async () => {},
  };
}
