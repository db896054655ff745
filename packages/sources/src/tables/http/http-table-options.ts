import type { Clock } from '@vigil/core';
import type { RowState } from '../row-state.ts';

/** How a source leads from page to page. */
export type Paging =
  | { readonly kind: 'none' }
  /** `Link: <…>; rel="next"`, or a field of the body that holds the next address. */
  | { readonly kind: 'link'; readonly field?: string }
  /** A field of the body that goes into a parameter of the next request; absent, null or empty = the end. */
  | { readonly kind: 'cursor'; readonly parameter: string; readonly field: string }
  /** Numbered pages; one without items is behind the last. */
  | { readonly kind: 'page'; readonly parameter: string; readonly first: number };

export interface HttpTableOptions {
  readonly name: string;
  /** Of the first page, with its parameters. */
  readonly url: string;
  /** For example Authorization. Never sent to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly paging: Paging;
  /** Path of the list of items in the body; empty = the body is the list. */
  readonly items: string;
  /** Fields that tell items apart: what did not change is then not published again. Null = every item of every run. */
  readonly key: readonly string[] | null;
  /**
   * Parameter that asks for what changed since, the field of an item that says when it did, and how far back behind the newest
   * of them a later run asks again: what the source committed late. Items without a key are published again for it.
   */
  readonly since?: { readonly parameter: string; readonly field: string; readonly overlapMs: number };
  readonly state: RowState;
  readonly salt: string;
  /** The run: an attempt of the same run goes on, a later one asks anew. */
  readonly scan: string;
  readonly requestsPerSecond?: number;
  readonly timeoutMs?: number;
  readonly mostPageBytes?: number;
  readonly mostPages?: number;
  /** How often a request is made before the source counts as away. */
  readonly attempts?: number;
  /** No wait for the source is longer. */
  readonly mostWaitMs?: number;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}
