import type { ClaimPiece, ClaimRead, RejectedPiece } from '@vigil/claim-formats';
import { errorCatalogue, type ErrorCode } from '@vigil/core';

/** Something wrong with a claim or a file, for a person. Nothing of its content. */
export interface BadClaim {
  /** Rejected here; quarantined by intake; or taken with problems, which adjudication denies or pends. */
  readonly fate: 'rejected' | 'quarantined' | 'problem';
  readonly file: string;
  readonly line: number | null;
  readonly segment: number | null;
  /** Field of the claim, or segment and element. */
  readonly field: string;
  readonly code: string;
  readonly reason: string;
}

const whatOf = (code: string): string => (Object.hasOwn(errorCatalogue, code) ? errorCatalogue[code as ErrorCode].what : '');

/** What was found first in a rejection; the record holds the rest. */
export function badOfRejection({ record }: RejectedPiece): BadClaim {
  const [first] = record.findings;
  const { code = '', segment = 0, segmentId = '', element = null, component = null, detail = '' } = first ?? {};
  const position = element === null ? '' : `${String(element).padStart(2, '0')}${component === null ? '' : `-${component}`}`;
  const place = { file: record.source, line: record.line, segment: segment === 0 ? null : segment };
  return { fate: 'rejected', ...place, field: segmentId + position, code, reason: detail };
}

/** What is wrong with a claim that is sent all the same; nothing for a good one. */
export function badOfClaim({ received }: ClaimPiece, read: ClaimRead): BadClaim[] {
  const place = { file: received.source, line: received.line, segment: received.segment };
  if (!read.ok) return [{ fate: 'quarantined', ...place, field: '', code: read.code, reason: whatOf(read.code) }];
  return read.claim.problems.slice(0, 1).map(({ level, code, field, line }) => {
    const found = level === 'workflow' ? 'breaks a rule of the workflow' : `SNIP level ${level}`;
    return { fate: 'problem', ...place, field: line === 0 ? field : `${field} of service line ${line}`, code, reason: found };
  });
}

/** One line for one bad claim: file, line or segment, field, reason. */
export function lineOfBad({ fate, file, line, segment, field, code, reason }: BadClaim): string {
  const place = segment === null ? (line === null ? '' : ` line ${line}`) : ` segment ${segment}`;
  const told = fate === 'problem' ? 'sent with a problem' : fate === 'quarantined' ? 'sent, cannot be read' : 'rejected';
  return `${file}${place}${field === '' ? '' : ` ${field}`}: ${told}: ${code}${reason === '' ? '' : `: ${reason}`}`;
}
