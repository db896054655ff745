import { Draft, type Decision } from './decision.ts';
import type { Incident } from './incident.ts';
import { open } from './open-incident.ts';
import type { Address, Router } from './route.ts';

/** Trouble with delivery itself, which engineering is told about by the other channels. */
export type Trouble = 'delivery-refused' | 'provider-unreachable';

/** Opens the meta-alert about one address of one channel. */
export function openOperational(
  trouble: Trouble,
  about: Address,
  { incidentId, nowMs, router }: { incidentId: string; nowMs: number; router: Router },
): Decision {
  const incident: Incident = {
    incidentId,
    alertId: `operational:${incidentId}`,
    patientToken: '',
    rule: trouble,
    vital: null,
    kind: 'operational',
    severity: 'warning',
    historic: false,
    hospital: '',
    ward: '',
    room: '',
    about,
    partition: null,
    raisedAt: nowMs,
    receivedAt: nowMs,
    clearedAt: null,
    state: 'recorded',
    heldFor: null,
    step: 0,
    pages: [],
    pageCount: 0,
    seq: 0,
    nextStepAt: null,
    leaseUntil: null,
    undelivered: false,
  };
  const draft = new Draft(incident, nowMs);
  const route = router(incident, nowMs);
  open(draft, route);
  return draft.decide(route.pace);
}
