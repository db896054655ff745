import type { ContentLimits } from './open-content.ts';
import type { Encoding } from './decode-text.ts';
import type { ReadinessRule } from '../files/judge-readiness.ts';

/** What the files of a source hold, and so what becomes of them. */
export type FileContent = 'claims' | 'visits' | 'trial_outcomes' | 'patients' | 'readings' | 'rows';

export interface CsvForm {
  /** Null = whichever of `,` `;` tab and `|` the header has most of. */
  readonly delimiter: string | null;
  /** Column as the file calls it → as the mapper calls it. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns, by the mapper's names, without which a file is not taken. */
  readonly required: readonly string[];
}

/** How the files of a source are read. */
export interface FileFeed {
  readonly content: FileContent;
  readonly readiness: ReadinessRule;
  /** A byte-order mark goes before it. `auto`: UTF-8, and where the whole file is no UTF-8, windows-1252. */
  readonly encoding: Encoding | 'auto';
  readonly csv: CsvForm;
  readonly limits: ContentLimits;
  /** Larger files go to quarantine unread. */
  readonly maxFileBytes: number;
  /** Larger records are rejected. */
  readonly maxRecordBytes: number;
}

/** What of a file is read as rows with a header; all else are messages in JSON, or claims in any form. */
export const isTable = ({ content }: Pick<FileFeed, 'content'>): boolean => ['visits', 'trial_outcomes', 'rows'].includes(content);
