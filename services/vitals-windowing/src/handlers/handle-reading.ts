import { late, processed, type Emission, type Outcome } from '@vigil/core';
import type { ReadingAccepted } from '@vigil/contracts';
import type { Handler } from '@vigil/kafka';
import { processReading, type ReadingResult } from '../domain/process-reading.ts';
import { cutAnew, type RulesInForce } from '../domain/rules-in-force.ts';
import { ageBandOf } from '../domain/scores/age.ts';
import type { Stores } from './stores.ts';
import { changedAlert, closedWindow, lateReading, updatedWindow } from './to-emissions.ts';
import type { WindowingObserver } from './windowing-observer.ts';

/** A reading: alarms on update, in log order; its windows; the late topic for what comes after its window was final. */
export function handleReading(fixed: RulesInForce, observer: WindowingObserver): Handler<ReadingAccepted, Stores> {
  const toAlert = changedAlert(observer);
  const emissionsOf = (reading: ReadingAccepted, result: ReadingResult): Emission[] => [
    ...(result.late ? [lateReading(reading)] : []),
    ...result.closed.map(closedWindow),
    ...result.updated.map(updatedWindow),
    ...result.alerts.map(toAlert),
  ];
  return ({ value: reading }, { stores, nowMs, partition }): Outcome => {
    const birthDate = stores.patients.get(reading.patientToken)?.birthDate ?? null;
    const age = ageBandOf({ birthDate, birthYear: reading.birthYear }, reading.observedAt);
    const patient = stores.ward.edit(reading.patientToken);
    const inForce = stores.parameters ?? fixed;
    const anew = patient.cut === inForce.cut ? null : cutAnew(patient, inForce);
    const wasOpen = patient.open;
    const result = processReading(patient, reading, { rules: inForce.rules, age, nowMs });
    if (patient.open && !wasOpen) observer.windowOpened(partition);
    const isQuiet =
      !anew?.length && !result.late && result.closed.length === 0 && result.updated.length === 0 && result.alerts.length === 0;
    if (isQuiet) return processed();
    const emissions = anew === null ? emissionsOf(reading, result) : [...anew.map(closedWindow), ...emissionsOf(reading, result)];
    return result.late ? late(result.corrected, emissions) : processed(emissions);
  };
}
