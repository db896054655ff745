import type { AlertRaised } from '@vigil/contracts';
import { clearIncident, recordEnd } from '../domain/close-incident.ts';
import type { Decision } from '../domain/decision.ts';
import type { Incident } from '../domain/incident.ts';
import { raiseAlert } from '../domain/open-incident.ts';
import type { Router } from '../domain/route.ts';
import { silencedUntil, type Silence } from '../domain/silence.ts';

/** What the plan needs to know besides the alerts; read in the same transaction. */
export interface Surroundings {
  readonly nowMs: number;
  readonly router: Router;
  readonly silences: readonly Silence[];
  readonly lateAfterMs: number;
  readonly holdMs: number;
  readonly incidentIdOf: (alertId: string) => string;
}

/** One alert of a batch, with the partition it was read from. */
export interface AlertRecord {
  readonly alert: AlertRaised;
  readonly partition: number;
}

export interface AlertPlan<Record extends AlertRecord> {
  readonly decisions: readonly Decision[];
  /** Records that told nothing new. */
  readonly duplicates: ReadonlySet<Record>;
}

/** What several decisions in a row about one incident come to. */
const following = (first: Decision | undefined, next: Decision): Decision => ({
  incident: next.incident,
  timeline: [...(first?.timeline ?? []), ...next.timeline],
  messages: [...(first?.messages ?? []), ...next.messages],
});

function decideAlert({ alert, partition }: AlertRecord, known: Incident | undefined, surroundings: Surroundings): Decision | null {
  const arrival = {
    ...surroundings,
    partition,
    incidentId: surroundings.incidentIdOf(alert.alertId),
    silencedUntil: silencedUntil(surroundings.silences, alert),
  };
  if (alert.change === 'cleared') {
    return known ? clearIncident(known, alert.clearedAt ?? alert.receivedAt, surroundings) : recordEnd(alert, arrival);
  }
  return known ? null : raiseAlert(alert, arrival);
}

/**
 * What a batch of alerts does, in the order of the log.
 *
 * @param known  the incidents of the batch that exist already, by incident id
 */
export function planAlerts<Record extends AlertRecord>(
  records: readonly Record[],
  known: ReadonlyMap<string, Incident>,
  surroundings: Surroundings,
): AlertPlan<Record> {
  const decisions = new Map<string, Decision>();
  const duplicates = new Set<Record>();
  for (const record of records) {
    const incidentId = surroundings.incidentIdOf(record.alert.alertId);
    const before = decisions.get(incidentId);
    const decision = decideAlert(record, before?.incident ?? known.get(incidentId), surroundings);
    if (decision) decisions.set(incidentId, following(before, decision));
    else duplicates.add(record);
  }
  return { decisions: [...decisions.values()], duplicates };
}
