import { VigilError } from '@vigil/core';
import type { FileSourceDefinition } from '@vigil/sources';
import type { ReadinessRule } from '../files/judge-readiness.ts';
import { trialQuality, visitQuality } from '../quality/record-plans.ts';
import { isTable, type FileContent, type FileFeed } from './file-feed.ts';
import { usualLimits } from './open-content.ts';

const mebibyte = 1024 * 1024;
const usualFileMiB = 4 * 1024;
const usualRecordMiB = 4;

/** Columns without which a file is not taken: the form of these is fixed, further ones are allowed. */
const requiredColumns: Readonly<Record<FileContent, readonly string[]>> = {
  visits: visitQuality.columns.map(({ name }) => name),
  trial_outcomes: trialQuality.columns.map(({ name }) => name),
  claims: [],
  patients: [],
  readings: [],
  // Those that its task maps.
  rows: [],
};

function contentOf(name: string, { records: content, format }: FileSourceDefinition): FileContent {
  const refuse = (detail: string): never => {
    throw new VigilError('BAD_DEFINITION', { detail: `Source ${name}: ${detail}.` });
  };
  if (isTable({ content }) !== (format === 'csv')) return refuse(`${content} are not read from ${format}`);
  if (content !== 'claims' && format === 'x12') return refuse(`${content} are not read from x12`);
  return content;
}

function readinessOf({ ready }: FileSourceDefinition): ReadinessRule {
  switch (ready.rule) {
    case 'marker':
    case 'manifest':
      return { kind: ready.rule, suffix: ready.suffix };
    case 'rename':
      return { kind: 'rename' };
    case 'stable':
      return { kind: 'stable', polls: ready.polls };
  }
}

/** How the files of a source of `workflows/sources.yaml` are read. @throws VigilError BAD_DEFINITION */
export function feedOfSource(name: string, definition: FileSourceDefinition): FileFeed {
  const content = contentOf(name, definition);
  const { encoding, delimiter, limits } = definition;
  return {
    content,
    readiness: readinessOf(definition),
    encoding,
    csv: { delimiter, columns: definition.columns ?? {}, required: requiredColumns[content] },
    limits: usualLimits,
    maxFileBytes: (limits?.file_size ?? usualFileMiB) * mebibyte,
    maxRecordBytes: Math.min(limits?.record_size ?? usualRecordMiB, usualRecordMiB) * mebibyte,
  };
}
