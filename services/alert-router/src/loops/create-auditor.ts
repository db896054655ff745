import type { Clock } from '@vigil/core';
import type { AlertEvents, IncidentBook } from '../handlers/ports.ts';

export interface AuditorOptions {
  readonly book: Pick<IncidentBook, 'audit' | 'endTroubles'>;
  readonly events: AlertEvents;
  readonly clock: Clock;
  /** Tells somebody outside that the auditor lives; resolves to the status of the answer, 0 for none. Absent: nobody. */
  readonly beat?: () => Promise<number>;
  /** What ended or was healed has to be acted on. */
  readonly onChanged: () => void;
}

/**
 * One round of the auditor: what is open must have a next step in the future. The heartbeat follows only a round that
 * was completed, so that its silence says that nobody watches.
 */
export const createAuditRound =
  ({ book, events, clock, beat, onChanged }: AuditorOptions) =>
  async (): Promise<void> => {
    const ended = await book.endTroubles();
    const audit = await book.audit();
    events.active({ count: audit.active });
    events.undelivered({ count: audit.undelivered });
    events.waiting({ ageMs: audit.oldestWaitingMs });
    if (audit.stranded > 0 || audit.overdue > 0) events.stranded({ stranded: audit.stranded, overdue: audit.overdue });
    if (ended > 0 || audit.stranded > 0) onChanged();
    events.heartbeat({ atSeconds: Math.floor(clock.now() / 1000) });
    const status = beat ? await beat() : 200;
    if (status < 200 || status >= 300) events.heartbeatUnheard({ status });
  };
