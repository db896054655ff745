import type { Address, Channel } from './route.ts';
import type { Severity } from './severity.ts';

/**
 * - `recorded`      kept, never paged: historic, or over before it was known
 * - `held`          not yet paged: reached us late, quiet hours, silence
 * - `open`          paged, nobody has acknowledged
 * - `acknowledged`  somebody has taken it, until the lease ends
 * - `resolved`      the condition is over
 */
export type IncidentState = 'recorded' | 'held' | 'open' | 'acknowledged' | 'resolved';

export type HoldReason = 'catch-up' | 'quiet-hours' | 'silence';

/**
 * - `pending`   under way, nothing known
 * - `failing`   at least one attempt failed or the breaker is open; it goes on trying
 * - `accepted`  the provider took it
 * - `rejected`  refused for good
 */
export type TryState = 'pending' | 'failing' | 'accepted' | 'rejected';

/** One channel of a page that has been started. */
export interface Try extends Address {
  readonly startedAt: number;
  readonly state: TryState;
}

/** One telling of one team: the first channel at once, the next ones of the chain as fallback. */
export interface Page {
  /** Counts within the incident; part of the dedup key, so that each page notifies anew. */
  readonly number: number;
  readonly step: number;
  /** How many steps the route had. */
  readonly of: number;
  readonly team: string;
  readonly startedAt: number;
  readonly tries: readonly Try[];
  /** What is left of the chain. */
  readonly rest: readonly Address[];
}

/** An alarm episode as people meet it. Times are milliseconds since the epoch. */
export interface Incident {
  /** Opaque: keyed hash of the alert id. */
  readonly incidentId: string;
  readonly alertId: string;
  readonly patientToken: string;
  readonly rule: string;
  readonly vital: string | null;
  readonly kind: string;
  readonly severity: Severity;
  readonly historic: boolean;
  readonly hospital: string;
  readonly ward: string;
  readonly room: string;
  /** What an operational incident concerns; null for a patient's. */
  readonly about: Address | null;
  /** Partition it came from: what reached us late is opened when this one is caught up. */
  readonly partition: number | null;
  readonly raisedAt: number;
  readonly receivedAt: number;
  readonly clearedAt: number | null;
  readonly state: IncidentState;
  readonly heldFor: HoldReason | null;
  readonly step: number;
  readonly pages: readonly Page[];
  readonly pageCount: number;
  /** Last number given in the timeline and the outbox. */
  readonly seq: number;
  /** When something has to happen next unless something happens before; null only where nothing can. */
  readonly nextStepAt: number | null;
  readonly leaseUntil: number | null;
  /** No outside channel took the current page: shown on the console. */
  readonly undelivered: boolean;
}

export const isActive = ({ state }: Pick<Incident, 'state'>): boolean => state === 'held' || state === 'open' || state === 'acknowledged';

/** The dedup key of a page at PagerDuty; opaque like the incident's id. */
export const dedupKeyOf = (incidentId: string, page: number): string => `${incidentId}-${page}`;

/** The incident and page of a dedup key; null where it is none of ours. */
export function readDedupKey(dedupKey: string): { readonly incidentId: string; readonly page: number } | null {
  const dash = dedupKey.lastIndexOf('-');
  const page = Number(dedupKey.slice(dash + 1));
  return dash > 0 && Number.isSafeInteger(page) && page > 0 ? { incidentId: dedupKey.slice(0, dash), page } : null;
}

export const tryOf = (page: Page, channel: Channel): Try | undefined => page.tries.find((tried) => tried.channel === channel);
