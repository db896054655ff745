import type { workAttributes } from './semantic-conventions.ts';

/** All that spans of work tell: ids and names of ours. A closed list, so that no field of a record gets there. */
export type WorkAttributes = Readonly<Partial<Record<keyof typeof workAttributes, string | number>>>;

/** A span that is over, under ids that were given out before it ended. */
export interface EndedSpan {
  readonly name: string;
  /** W3C trace context of the span itself: others may have named it already, as the parent or the link of theirs. */
  readonly traceparent: string;
  /** W3C trace context of what it is part of; null = a trace begins with it. */
  readonly parent: string | null;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: WorkAttributes;
  /** Code of the error catalogue, `_OTHER` where it is not told; null = it did not fail. */
  readonly errorType: string | null;
}

/** Port of tracing for what is neither a batch nor over within one process. */
export interface SpanTracer {
  spanEnded(span: EndedSpan): void;
}
