import { topics, type Topic } from '@vigil/contracts';
import { errorCatalogue, VigilError, type ErrorCode } from '@vigil/core';
import { recordOfPiece } from '../claims/record-of-piece.ts';
import type { MapItem, Mapped } from '../job/batch-job.ts';
import { createTrialMapper } from '../mappers/map-trial.ts';
import { createVisitMapper } from '../mappers/map-visit.ts';
import { asSnapshot, type CsvRow, type MapperRules } from '../mappers/mapper-rules.ts';
import type { FileContent } from './file-feed.ts';
import type { FileItem } from './read-items.ts';

const reject = (code: ErrorCode, field: string, detail: string, bytes: Buffer): Mapped => ({
  kind: 'rejected',
  code,
  field,
  detail,
  bytes,
});

const mapPiece: MapItem<FileItem> = ({ item }) => {
  if (item.kind !== 'piece') return notOfThisContent;
  const { piece } = item;
  if (piece.kind === 'claim') return { kind: 'records', records: [recordOfPiece(piece)] };
  const [{ code, segmentId, detail }] =
    piece.record.findings.length > 0 ? piece.record.findings : [{ code: '', segmentId: '', detail: '' }];
  const known = Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : 'MALFORMED_CLAIM';
  // Its content stands in the rejection, which has a topic of its own.
  return { kind: 'rejected', code: known, field: segmentId, detail, bytes: Buffer.alloc(0), records: [recordOfPiece(piece)] };
};

const notOfThisContent: Mapped = reject('BAD_SHAPE', '', 'not of the content of this source', Buffer.alloc(0));

/** Messages leave as their own bytes, as whoever sends them one by one would send them: keyed by one of their members. */
const messageMapper =
  (topic: Topic, field: string): MapItem<FileItem> =>
  ({ item }) => {
    if (item.kind === 'too-large') return reject('MESSAGE_TOO_LARGE', '', 'larger than the topic takes', Buffer.alloc(0));
    if (item.kind !== 'message') return notOfThisContent;
    let entry: unknown;
    try {
      entry = JSON.parse(item.bytes.toString('utf8'));
    } catch {
      return reject('NOT_JSON', '', 'expected one JSON object', item.bytes);
    }
    const id = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>)[field] : undefined;
    if (typeof id !== 'string' || id === '') return reject('MISSING_ID', field, 'expected an id', item.bytes);
    return { kind: 'records', records: [{ topic, key: id, value: item.bytes }] };
  };

const rowMapper =
  (mapRow: MapItem<CsvRow>): MapItem<FileItem> =>
  ({ item, ...place }) => {
    if (item.kind === 'row') return mapRow({ item: item.row, ...place });
    if (item.kind === 'broken') return reject('BAD_CSV', '', 'a quote stands where none may', Buffer.from(item.text));
    if (item.kind !== 'ragged') return notOfThisContent;
    const { fields, expected } = item;
    return reject('RAGGED_ROW', '', `expected ${expected} fields, found ${fields.length}`, Buffer.from(JSON.stringify(fields)));
  };

/** A file shows the rows of its table as they are; what is not in it is not said to be deleted. */
function createOutcomeMapper(rules: MapperRules): MapItem<CsvRow> {
  const mapTrial = createTrialMapper(rules);
  return ({ item: row, ...at }) => mapTrial({ ...at, item: asSnapshot(row, at) });
}

/** What becomes of the items of a file. Made anew for each attempt. @throws VigilError BAD_DEFINITION where they have no topic */
export function createItemMapper(content: FileContent, rules: MapperRules): MapItem<FileItem> {
  switch (content) {
    case 'claims':
      return mapPiece;
    case 'patients':
      return messageMapper(topics.patientsRecordReceived, 'patient_id');
    case 'readings':
      return messageMapper(topics.vitalsReadingReceived, 'device_id');
    case 'visits':
      return rowMapper(createVisitMapper(rules));
    case 'trial_outcomes':
      return rowMapper(createOutcomeMapper(rules));
    case 'rows':
      throw new VigilError('BAD_DEFINITION', { detail: 'Rows have no topic: their task names a table as its destination.' });
  }
}
