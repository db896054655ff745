import { topics } from '@vigil/contracts';
import { errorCatalogue, type ErrorCode } from '@vigil/core';
import { recordOfPiece } from '../claims/record-of-piece.ts';
import type { MapItem, Mapped } from '../job/batch-job.ts';
import { createVisitMapper } from '../mappers/map-visit.ts';
import type { MapperRules } from '../mappers/mapper-rules.ts';
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

/** Registry entries leave as their own bytes, keyed by their patient. */
const mapPatient: MapItem<FileItem> = ({ item }) => {
  if (item.kind === 'too-large') return reject('MESSAGE_TOO_LARGE', '', 'larger than the topic takes', Buffer.alloc(0));
  if (item.kind !== 'message') return notOfThisContent;
  let entry: unknown;
  try {
    entry = JSON.parse(item.bytes.toString('utf8'));
  } catch {
    return reject('NOT_JSON', '', 'expected one JSON object', item.bytes);
  }
  const id = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>)['patient_id'] : undefined;
  if (typeof id !== 'string' || id === '') return reject('MISSING_ID', 'patient_id', 'expected the id of the patient', item.bytes);
  return { kind: 'records', records: [{ topic: topics.patientsRecordReceived, key: id, value: item.bytes }] };
};

function createRowMapper(rules: MapperRules): MapItem<FileItem> {
  const mapVisit = createVisitMapper(rules);
  return ({ item, ...place }) => {
    if (item.kind === 'row') return mapVisit({ item: item.row, ...place });
    if (item.kind === 'broken') return reject('BAD_CSV', '', 'a quote stands where none may', Buffer.from(item.text));
    if (item.kind !== 'ragged') return notOfThisContent;
    const { fields, expected } = item;
    return reject('RAGGED_ROW', '', `expected ${expected} fields, found ${fields.length}`, Buffer.from(JSON.stringify(fields)));
  };
}

/** What becomes of the items of a file. Made anew for each attempt. */
export function createItemMapper(content: FileContent, rules: MapperRules): MapItem<FileItem> {
  switch (content) {
    case 'claims':
      return mapPiece;
    case 'patients':
      return mapPatient;
    case 'visits':
      return createRowMapper(rules);
  }
}
