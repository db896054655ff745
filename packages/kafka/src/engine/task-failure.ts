import { classifyError, VigilError, type ClassifiedError } from '@vigil/core';
import { ProcessorFailure } from './process-record.ts';

/** A batch as a whole could not be written because of what is in it: one of its records is the reason, it is not known which. */
export class BatchFailure extends Error {
  constructor(cause: unknown) {
    super('The batch cannot be written.', { cause });
    this.name = 'BatchFailure';
  }
}

/** What a task does about a failure. */
export type Reaction =
  /** Our own code: count the attempt at this record. */
  | { readonly kind: 'record'; readonly failure: ProcessorFailure }
  /** Halve the batch until one record stands alone. */
  | { readonly kind: 'bisect'; readonly cause: unknown }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'retry'; readonly classified: ClassifiedError }
  | { readonly kind: 'fatal'; readonly error: unknown };

export function reactionTo(error: unknown): Reaction {
  if (error instanceof ProcessorFailure) return { kind: 'record', failure: error };
  if (error instanceof BatchFailure) return { kind: 'bisect', cause: error.cause };
  const classified = classifyError(error);
  switch (classified.kind) {
    case 'fenced':
      return { kind: 'fenced' };
    case 'transient':
    case 'dependency':
      return { kind: 'retry', classified };
    case 'poison':
    case 'auth':
    case 'config':
    case 'usage':
    case 'fatal':
      return { kind: 'fatal', error };
  }
}

/** A send refused for what it holds (too large) is a matter of the batch; anything else goes its way. */
export const asBatchFailure = (error: unknown): unknown =>
  !(error instanceof VigilError && error.kind === 'fatal') && classifyError(error).kind === 'poison' ? new BatchFailure(error) : error;

/** Class name of what our own code threw; the message may hold data. */
export const errorNameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** How the broker calls it that it refused somebody, `FENCED` where it was no broker: names of the protocol, never a text. */
export function refusalOf(error: unknown): string {
  const { type, cause, originalError } = (error ?? {}) as { type?: unknown; cause?: unknown; originalError?: unknown };
  if (typeof type === 'string' && /^[A-Z_]+$/.test(type)) return type;
  const inner = originalError ?? cause;
  return inner === undefined ? 'FENCED' : refusalOf(inner);
}
