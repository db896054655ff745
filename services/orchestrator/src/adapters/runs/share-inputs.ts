import { randomUUID } from 'node:crypto';
import type { RunEffect } from '@vigil/workflows';
import type { PayloadRow } from './wait-rows.ts';

type Enqueue = Extract<RunEffect, { readonly kind: 'enqueue' }>;

/** The input of a request as it travels: the text, or where it is kept. */
export interface SharedInput {
  readonly input: string;
  readonly inputRef: string | null;
}

/** Above this an input is kept in the database and messages name it. */
const mostInlineBytes = 64 * 1024;
/** Of all copies of one input together: ten thousand parts that come of one list must not carry it each. */
const mostCopiedBytes = 1024 * 1024;

const isSame = (one: Enqueue['input'], other: Enqueue['input']): boolean => {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
};

/**
 * Inputs of what a run queued in these steps: parts of a task that were queued together have one, which is written once.
 *
 * @param payloads  takes what is kept in the database
 */
export function createShareInputs(runId: string, enqueued: Iterable<Enqueue>, payloads: PayloadRow[]): (effect: Enqueue) => SharedInput {
  const copies = new Map<string, number>();
  for (const { task } of enqueued) copies.set(task, (copies.get(task) ?? 0) + 1);
  const known = new Map<string, { readonly of: Enqueue['input']; readonly shared: SharedInput }>();
  return ({ task, input: of }) => {
    const last = known.get(task);
    if (last && isSame(last.of, of)) return last.shared;
    const text = JSON.stringify(of);
    const isSmall = text.length <= mostInlineBytes && text.length * (copies.get(task) ?? 1) <= mostCopiedBytes;
    const shared = isSmall ? { input: text, inputRef: null } : { input: '', inputRef: randomUUID() };
    if (shared.inputRef !== null) payloads.push({ payloadId: shared.inputRef, runId, body: text });
    known.set(task, { of, shared });
    return shared;
  };
}
