import type { AlertRaised, TroubleRaised } from '@vigil/contracts';

/** A trouble of the fleet in the form in which incidents begin and end; the policy routes the kind `operational` to engineering. */
export const alertOfTrouble = ({ troubleId, change, kind, severity, detectedAt, clearedAt }: TroubleRaised): AlertRaised => ({
  alertId: `trouble:${troubleId}`,
  patientToken: '',
  change,
  rule: kind,
  vital: null,
  kind: 'operational',
  severity,
  historic: false,
  value: null,
  threshold: null,
  missing: [],
  flags: [],
  raisedAt: detectedAt,
  clearedAt,
  receivedAt: detectedAt,
  hospital: '',
  ward: '',
  room: '',
});
