import { usualLimits, type FileContent, type FileFeed } from '../src/index.ts';

const mebibyte = 1024 * 1024;

/** How the files of a test are read. */
export const aFeed = (content: FileContent, over: Partial<FileFeed> = {}): FileFeed => ({
  content,
  readiness: { kind: 'rename' },
  encoding: 'utf-8',
  csv: { delimiter: null, columns: {}, required: content === 'visits' ? ['patient_id', 'visit_date'] : [] },
  limits: usualLimits,
  maxFileBytes: 100 * mebibyte,
  maxRecordBytes: 4 * mebibyte,
  ...over,
});
