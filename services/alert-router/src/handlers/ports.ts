import type { EmittersOf } from '@vigil/runtime';
import type { Verdict } from '../domain/classify-answer.ts';
import type { Action } from '../domain/action.ts';
import type { PageText } from '../domain/page-text.ts';
import type { Outcome } from '../domain/record-delivery.ts';
import type { Address, Channel } from '../domain/route.ts';
import type { Severity } from '../domain/severity.ts';
import type { Trouble } from '../domain/operational-incident.ts';
import type { events } from '../events.ts';

/** A message of the outbox that this process holds for the length of a lease. */
export interface Claimed extends Address {
  readonly outboxId: number;
  readonly incidentId: string;
  readonly page: number;
  readonly dedupKey: string;
  readonly action: Action;
  readonly text: PageText;
  /** Attempts so far, this one included. */
  readonly attempts: number;
}

/** How an attempt ended, as it is written down. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** When it is tried again; for retries and what was held back. */
  readonly retryInMs: number;
}

/** What was learnt from an attempt once it was written down. */
export interface Recorded {
  /** Milliseconds from the reading's arrival to the provider's 2xx: for the first acceptance of an incident, not of historic ones. */
  readonly latencyMs: number | null;
  readonly severity: Severity;
  /** Whether further messages came into being. */
  readonly queued: boolean;
}

/** The outbox to the providers. */
export interface Outbox {
  /** Takes what may be sent now by one channel, most urgent first, never two of one dedup key. */
  claim(channel: Channel, limit: number): Promise<readonly Claimed[]>;
  /** Writes an attempt down with what it does to its incident, in one transaction. */
  finish(claimed: Claimed, attempt: Attempt): Promise<Recorded>;
}

/** Incidents as the passing of time and people change them. */
export interface IncidentBook {
  /** Takes every due step, most urgent first. Returns how many incidents moved. */
  advanceDue(limit: number): Promise<number>;
  /** An answer to the page with this dedup key. False where there was nothing to acknowledge. */
  acknowledge(dedupKey: string): Promise<boolean>;
  /** Tells engineering about trouble with delivery; once while it lasts. */
  reportTrouble(trouble: Trouble, about: Address): Promise<void>;
  /** Ends the troubles that are over. */
  endTroubles(): Promise<number>;
  audit(): Promise<Audit>;
  /** Deletes at most so many incidents whose retention is over, with all that belongs to them. Returns how many. */
  prune(limit: number): Promise<number>;
  listUndelivered(): Promise<readonly UndeliveredIncident[]>;
}

/** What the auditor found. */
export interface Audit {
  readonly active: number;
  /** Incidents that are not over and for which nothing is going to happen; their next step was set to now. */
  readonly stranded: number;
  /** Steps that are overdue: the process that should take them does not. */
  readonly overdue: number;
  readonly undelivered: number;
  /** Messages that are not accepted yet. */
  readonly waiting: number;
  /** Age of the oldest of them, milliseconds. */
  readonly oldestWaitingMs: number;
}

/** A row of the page of last resort; nothing of the patient. */
export interface UndeliveredIncident {
  readonly incidentId: string;
  readonly severity: string;
  readonly kind: string;
  readonly ward: string;
  readonly step: number;
  readonly sinceMs: number;
}

/** Sends one message to one provider; network failures are verdicts, not errors. */
export type Sender = (claimed: Claimed) => Promise<Verdict>;

/** Publishes the waiting changes of incidents. Returns how many. */
export type RelayChanges = () => Promise<number>;

/** What is told to logs and metrics: one function per event of `events.ts`. */
export type AlertEvents = EmittersOf<(typeof events)['declared']>;
