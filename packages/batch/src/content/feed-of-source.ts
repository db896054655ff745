import { VigilError } from '@vigil/core';
import type { FileSourceDefinition } from '@vigil/sources';
import type { ReadinessRule } from '../files/judge-readiness.ts';
import type { FileContent, FileFeed } from './file-feed.ts';
import { usualLimits } from './open-content.ts';

const mebibyte = 1024 * 1024;
const usualFileMiB = 4 * 1024;
const usualRecordMiB = 4;

/** The columns of a file of visits: their form is fixed, further ones are allowed. */
const visitColumns = [
  'patient_id',
  'visit_date',
  'diagnosis_code',
  'diagnosis_description',
  'treatment_code',
  'physician_id',
  'department',
];

function contentOf(name: string, { records, format }: FileSourceDefinition): FileContent {
  const refuse = (detail: string): never => {
    throw new VigilError('BAD_DEFINITION', { detail: `Source ${name}: ${detail}.` });
  };
  if (records !== 'claims' && records !== 'visits' && records !== 'patients') return refuse(`${records} are not read from files`);
  if ((records === 'visits') !== (format === 'csv')) return refuse(`${records} are not read from ${format}`);
  if (records === 'patients' && format === 'x12') return refuse('patients are not read from x12');
  return records;
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
    csv: { delimiter, columns: definition.columns ?? {}, required: content === 'visits' ? visitColumns : [] },
    limits: usualLimits,
    maxFileBytes: (limits?.file_size ?? usualFileMiB) * mebibyte,
    maxRecordBytes: Math.min(limits?.record_size ?? usualRecordMiB, usualRecordMiB) * mebibyte,
  };
}
