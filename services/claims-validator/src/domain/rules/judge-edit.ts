import { topics, type EditChanged } from '@vigil/contracts';
import { noteVersion, type ClaimCase, type LineCase } from '../claim-case.ts';
import type { Evidence } from '../evidence.ts';
import type { Finding } from './rule.ts';

const table = topics.editChanged.name;

/** A row of an edit table as evidence: its key, and that the decision used its version. */
export function editEvidence(at: ClaimCase, row: EditChanged): Evidence {
  noteVersion(at, table, row.version);
  return { table, row: `${row.edit} ${row.code} ${row.other}`.trimEnd(), version: row.version };
}

/**
 * Judges a line by the rows of an edit table for its code: rows that allow are a list of what may be, of which at least one
 * must match where there is any; a row that forbids must not match.
 */
export function judgeEdit(
  edit: string,
  { line, at }: { readonly line: LineCase; readonly at: ClaimCase },
  matches: (row: EditChanged) => boolean,
): Finding | null {
  const rows = at.world.reference.edits(edit, line.code, line.day);
  if (rows.length === 0) return null;
  let allowing: EditChanged | undefined;
  let allowed = false;
  for (const row of rows) {
    const match = matches(row);
    if (match && !row.allowed) return { detail: 'forbidden', evidence: editEvidence(at, row) };
    if (row.allowed) {
      allowing ??= row;
      allowed ||= match;
      if (match) noteVersion(at, table, row.version);
    }
  }
  return allowing === undefined || allowed ? null : { detail: 'not among what is allowed', evidence: editEvidence(at, allowing) };
}
