import type { ErrorCode } from '@vigil/core';
import type { Mapped } from '../job/batch-job.ts';

/** Why a row cannot be taken. `detail` says what was expected, never what was found. */
export interface RowProblem {
  readonly code: ErrorCode;
  /** Column. */
  readonly field: string;
  readonly detail: string;
}

/** A column read, or what is wrong with it. */
export type Read<Value> = { readonly ok: true; readonly value: Value } | Wrong;
type Wrong = { readonly ok: false } & RowProblem;

export const read = <Value>(value: Value): Read<Value> => ({ ok: true, value });
export const wrong = (code: ErrorCode, field: string, detail: string): Wrong => ({ ok: false, code, field, detail });

/** Rejects a row with its content, which goes nowhere but to the quarantine of its job. */
export const rejectRow = ({ code, field, detail }: RowProblem, row: unknown): Mapped => ({
  kind: 'rejected',
  code,
  field,
  detail,
  bytes: Buffer.from(JSON.stringify(row), 'utf8'),
});
