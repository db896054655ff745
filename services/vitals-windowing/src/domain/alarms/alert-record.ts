import { hashId } from '@vigil/core';
import type { AlertRaised } from '@vigil/contracts';
import type { Place } from '../patient/patient-clock.ts';
import { codeOfVital } from '../vitals.ts';
import type { AlarmChange } from './advance-alarm.ts';

export interface AlertOrigin extends Pick<Place, 'hospital' | 'ward' | 'room'> {
  readonly patientToken: string;
  /** Of the reading that caused this change. */
  readonly receivedAt: number;
}

/** One end of an episode as the rest of the fleet gets it. Both ends carry the id made of patient, vital, rule and time of raising. */
export function alertRecord(
  { track, clearedAt }: AlarmChange,
  { patientToken, receivedAt, hospital, ward, room }: AlertOrigin,
): AlertRaised {
  const vital = codeOfVital(track.vital);
  return {
    alertId: hashId('alert', patientToken, vital ?? '', track.rule, track.raisedAt),
    patientToken,
    change: clearedAt === null ? 'raised' : 'cleared',
    rule: track.rule,
    vital,
    kind: track.kind,
    severity: track.severity,
    historic: track.historic,
    value: track.value,
    threshold: track.threshold,
    missing: track.missing,
    flags: track.flags,
    raisedAt: track.raisedAt,
    clearedAt,
    receivedAt,
    hospital,
    ward,
    room,
  };
}
