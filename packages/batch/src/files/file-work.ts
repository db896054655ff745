import type { FileSource } from '@vigil/sources';
import type { FileFeed } from '../content/file-feed.ts';
import type { FileItem, ReadItemsOptions } from '../content/read-items.ts';
import type { JobCounts, JobPartition, SkipLimit } from '../job/batch-job.ts';
import type { ChunkLimits } from '../job/chunk-rhythm.ts';
import type { OutputBook } from '../job/output-book.ts';
import type { SharedProducer } from '../job/shared-producer.ts';
import type { TopicJobPorts } from '../job/topic-job.ts';
import type { TableTarget } from '../load/table-target.ts';
import type { MapperRules } from '../mappers/mapper-rules.ts';
import type { FileHolder } from './claim-files.ts';
import type { FileLedger } from './file-ledger.ts';
import type { FileRecord } from './file-record.ts';
import type { FileJudge, FileJudging } from './judge-file.ts';

/** What an attempt needs for each of its files. */
export interface FileWork extends FileJudging {
  readonly source: FileSource;
  readonly feed: FileFeed;
  readonly holder: FileHolder;
  readonly rules: Omit<MapperRules, 'source' | 'fileId'>;
  /** Table that rows go into; absent = records go to the topics of their kind. */
  readonly target?: TableTarget | undefined;
  readonly skipLimit: SkipLimit | null;
  /** When what was read is written down; absent = as usual for where it goes. */
  readonly chunkLimits?: Partial<ChunkLimits> | undefined;
  readonly traceparent: string | null;
  readonly signal: AbortSignal;
  readonly ledger: FileLedger;
  readonly outputs: Pick<OutputBook, 'note'>;
  readonly job: TopicJobPorts;
  /** Of the small files of this attempt. */
  readonly shared: SharedProducer;
  readonly stagingDirectory: string;
  readonly onAcknowledgement?: ReadItemsOptions['onAcknowledgement'];
}

/** A staged and verified file on its way to where it belongs. */
export interface ReadyToLoad {
  readonly record: FileRecord;
  readonly partition: JobPartition<FileItem>;
  readonly judge: Pick<FileJudge, 'map'>;
  readonly onCounts: (counts: JobCounts) => void;
}
